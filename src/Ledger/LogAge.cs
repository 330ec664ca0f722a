using Actors.Policy;

namespace Actors.Ledger;

/// <summary>
/// How old lines of a log are that is read in its order. What stands before something old is old, too, whatever time it says: a clock that ran ahead, and users
/// who lived through that (their time never goes back), leave lines that would otherwise hold up all behind them for years.
/// </summary>
/// <param name="before">What is older than this is old.</param>
internal struct LogAge(Instant before)
{
    /// <summary>Doublings of the distance at which a log is looked at ahead.</summary>
    public const int Doublings = 48;

    /// <summary>
    /// Lines stand in the order in which they were written, their times in that in which they were decided. Between the two lies a wait: seconds, in a bad
    /// hour minutes. By so much a line is older than what says that another is old.
    /// </summary>
    private const long Wait = 3_600_000;

    private bool _isAhead;

    /// <summary>Whether a line is so old that all before it are.</summary>
    public static bool IsSurelyOld(long at, Instant before) => at < before.Milliseconds - Wait;

    /// <summary>Whether the log is old up to the next line: it and all before it.</summary>
    /// <param name="at">The time that the line says.</param>
    public bool IsOldUpTo(long at)
    {
        _isAhead = _isAhead ? !IsSurelyOld(at, before) : at >= before.Milliseconds;
        return !_isAhead;
    }
}
