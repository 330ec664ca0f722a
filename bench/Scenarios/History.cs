namespace Actors.Bench.Scenarios;

/// <summary>What a message is about, and what consent is given to.</summary>
[Flags]
public enum Topics
{
    None = 0,
    Utility = 1,
    Authentication = 2,
    Marketing = 4,

    /// <summary>Free-form; there is no consent to it.</summary>
    Service = 8,

    /// <summary>All that consent is given to.</summary>
    Consented = Utility | Authentication | Marketing,
}

/// <summary>How a call ended.</summary>
public enum Outcome
{
    /// <summary>No answer for good, within the patience of the run: it may or may not have been done.</summary>
    Unknown,

    /// <summary>Done; a send: accepted.</summary>
    Done,

    /// <summary>Refused by a rule.</summary>
    Refused,

    /// <summary>Refused for load until the patience was over, each time with the word that nothing was done.</summary>
    Busy,
}

/// <summary>A call as the generator saw it. Times are microseconds of the generator's own clock since the run's start.</summary>
internal abstract class Call
{
    /// <summary>The business's id.</summary>
    public required long Business { get; init; }

    /// <summary>The user's wa_id.</summary>
    public required long User { get; init; }

    /// <summary>When the first attempt began.</summary>
    public long Began { get; set; }

    /// <summary>When the last answer was there, or the patience over.</summary>
    public long Ended { get; set; }

    public Outcome Outcome { get; set; }

    /// <summary>The error's code or, where it has none, the HTTP status; 0 where it was done.</summary>
    public int Code { get; set; }

    /// <summary>Whether an attempt had no answer that says what became of it: that attempt may yet be done, at any time after <see cref="Began"/>.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Attempts beyond the first.</summary>
    public int Repeats { get; set; }
}

/// <summary>One send, with all attempts at it.</summary>
internal sealed class Send : Call
{
    public required Topics Category { get; init; }

    /// <summary>The idempotency key, one for each message of a run; the message carries it as callback data, too.</summary>
    public required long Key { get; init; }

    /// <summary>Which body: 0, or another one for a send that is to be refused because its key was used with body 0.</summary>
    public int Body { get; init; }

    /// <summary>The message that was promised; null where none was.</summary>
    public string? Wamid { get; set; }
}

/// <summary>What a user does, or a business for a user.</summary>
public enum ActKind
{
    OptInByBusiness,
    OptOutByBusiness,
    OptIn,
    OptOut,
    Stop,
    Resume,
    StopWord,
    StopAllWord,
    StartWord,
    Write,
    Block,
    Unblock,
    Report,
    Interested,
    NotInterested,
    Delivered,
    Read,
}

/// <summary>One act of a user, with all attempts at it.</summary>
internal sealed class Act : Call
{
    public required ActKind Kind { get; init; }

    /// <summary>The message that it is about; null for most.</summary>
    public string? Message { get; init; }
}

/// <summary>What a line of the log says.</summary>
internal enum LineKind
{
    /// <summary>Nothing that is checked.</summary>
    Other,
    Accepted,
    Delivered,
    Read,
    Failed,
    Expired,
    Inbound,
    OptedIn,
    OptedOut,
    Stopped,
    Resumed,
}

/// <summary>A line of a business's event log.</summary>
/// <param name="Business">Whose log.</param>
/// <param name="Seq">Its place: one user's lines, of all businesses, stand in the order in which they were committed.</param>
/// <param name="At">Unix milliseconds of the platform's time.</param>
/// <param name="User">The user's wa_id; 0 where it concerns none.</param>
/// <param name="Message">The message's id; null where it concerns none.</param>
/// <param name="Topics">The message's category, or the categories that consent was given to or withdrawn from.</param>
/// <param name="InWindow">For accepted: whether the window was open, as the platform has it.</param>
internal sealed record LogLine(
    long Business, long Seq, long At, LineKind Kind, long User, string? Message = null, Topics Topics = Topics.None, bool InWindow = false);

/// <summary>A business of the run.</summary>
/// <param name="Number">Id of the number that it sends from.</param>
/// <param name="Limit">Users that it may open in any 24 hours, the highest that held during the run; null for no limit.</param>
internal sealed record Sender(long Id, long Number, string Token, int? Limit);

/// <summary>The policy's numbers that the checker holds what happened against.</summary>
/// <param name="PerDay">Counted marketing of all businesses to a user in any 24 hours.</param>
/// <param name="PerDayEngaged">The same, where the user reads much.</param>
/// <param name="EngagementFrom">Outcomes from which on reading moves the number.</param>
/// <param name="PerWeek">The same in any 7 days.</param>
/// <param name="PerBusinessPerDay">The same of one business in any 24 hours.</param>
/// <param name="Window">Milliseconds for which a user's message opens the window.</param>
internal sealed record Rules(int PerDay, int PerDayEngaged, int EngagementFrom, int PerWeek, int PerBusinessPerDay, long Window)
{
    /// <summary>The built-in policy's.</summary>
    public static Rules Default { get; } = new(2, 4, 10, 6, 1, History.Day);
}

/// <summary>A run as it is known from outside: what was asked and answered, and what the platform's log says.</summary>
internal sealed record History
{
    /// <summary>24 hours in milliseconds.</summary>
    public const long Day = 86_400_000;

    public required Rules Rules { get; init; }

    public required IReadOnlyList<Sender> Senders { get; init; }

    public required IReadOnlyList<Send> Sends { get; init; }

    public required IReadOnlyList<Act> Acts { get; init; }

    /// <summary>The lines of all businesses, by <see cref="LogLine.Seq"/>.</summary>
    public required IReadOnlyList<LogLine> Log { get; init; }

    /// <summary>The key that a message in the log carries as callback data; looked up for those that no answer named.</summary>
    public required IReadOnlyDictionary<string, long> Keys { get; init; }
}
