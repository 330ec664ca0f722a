using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Actors.Policy.Users;

/// <summary>How a try to give a code back ended.</summary>
public enum EnrolmentTry : byte
{
    /// <summary>Nobody decided. Only a bug produces it.</summary>
    Undecided = 0,

    /// <summary>The code is right, and is used up with that.</summary>
    Right = 1,

    /// <summary>The code is wrong.</summary>
    Wrong = 2,

    /// <summary>There is no such code any more: used, replaced by a newer one, too old, or tried too often.</summary>
    Over = 3,
}

/// <summary>The one-time codes of one number: the newest one, and when the last ones were asked for. Immutable.</summary>
/// <remarks>
/// Holds neither number nor code, only a proof: a keyed hash over number, serial and code. A code that is asked for at t is good in [t, t +
/// <see cref="Life"/>), for <see cref="TriesMax"/> tries, once, and until the next one is asked for.
/// </remarks>
public sealed record Enrolment
{
    /// <summary>Most tries of one code.</summary>
    public const int TriesMax = 5;

    /// <summary>Most codes of one number in any <see cref="Life"/>.</summary>
    public const int CodesMax = 3;

    /// <summary>Most codes of one number in any 24 hours: so at most 50 guesses a day among a million codes.</summary>
    public const int CodesPerDay = 10;

    /// <summary>How long a code is good.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>No code was ever asked for.</summary>
    public static Enrolment None { get; } = new();

    /// <summary>Which code it is: the one whose id has the same serial. 0 for none.</summary>
    public long Serial { get; init; }

    /// <summary>What the right code's proof is, 32 bytes; empty once it is used.</summary>
    public ImmutableArray<byte> Proof { get; init; } = [];

    /// <summary>How often it was tried.</summary>
    public int Tries { get; init; }

    /// <summary>When codes were asked for in the last 24 hours, oldest first.</summary>
    public ImmutableArray<Instant> Asked { get; init; } = [];

    /// <summary>A new code, which replaces the one before; or when the next may be asked for.</summary>
    /// <param name="serial">Random, not 0.</param>
    /// <param name="proof">The right code's proof.</param>
    /// <param name="now">The ledger's time.</param>
    public (Enrolment? Next, Instant? RetryAt) Begin(long serial, ImmutableArray<byte> proof, Instant now)
    {
        var asked = Asked.RemoveAll(at => at + Day <= now);
        var lately = asked.Count(at => at + Life > now);
        if (lately >= CodesMax || asked.Length >= CodesPerDay)
        {
            // Each bound is free again once the code that is so many places from the newest has left its period.
            var soon = lately >= CodesMax ? asked[^CodesMax] + Life : now;
            var later = asked.Length >= CodesPerDay ? asked[^CodesPerDay] + Day : now;
            return (null, Instant.Max(soon, later));
        }

        return (new Enrolment { Serial = serial, Proof = proof, Asked = asked.Add(Asked is [.., var last] ? Instant.Max(last, now) : now) }, null);
    }

    /// <summary>A try to give the code back. The next state has to be durable before anybody hears how it ended.</summary>
    /// <param name="serial">Of the id that the code was given with.</param>
    /// <param name="proof">Of the code that was given.</param>
    /// <param name="now">The ledger's time.</param>
    /// <returns>How it ended, and the next state; null where nothing changes.</returns>
    public (EnrolmentTry Outcome, Enrolment? Next) Try(long serial, ReadOnlySpan<byte> proof, Instant now)
    {
        if (serial != Serial || Proof.IsEmpty || Tries >= TriesMax || Asked.IsEmpty || Asked[^1] + Life <= now)
        {
            return (EnrolmentTry.Over, null);
        }

        return CryptographicOperations.FixedTimeEquals(proof, Proof.AsSpan())
            ? (EnrolmentTry.Right, this with { Proof = [], Tries = Tries + 1 })
            : (EnrolmentTry.Wrong, this with { Tries = Tries + 1 });
    }
}
