namespace Actors.Policy.Users;

/// <summary>Where consent was given. Stored as a number: never renumber.</summary>
public enum ConsentSource : byte
{
    /// <summary>A form on the web.</summary>
    Website = 0,

    /// <summary>A text message.</summary>
    Sms = 1,

    /// <summary>A phone call.</summary>
    Phone = 2,

    /// <summary>A signed form.</summary>
    Paper = 3,

    /// <summary>In a shop.</summary>
    InStore = 4,

    /// <summary>The business's or the user's app; also the user's own call to this platform.</summary>
    App = 5,

    /// <summary>A message of the user, a START word among them.</summary>
    Message = 6,

    /// <summary>Anything else.</summary>
    Other = 7,
}

/// <summary>What holds for one category between one user and one business. Stored as a number: never renumber.</summary>
public enum ConsentStatus : byte
{
    /// <summary>Never given, or given back by a START word to what was never given.</summary>
    None = 0,

    /// <summary>Live.</summary>
    Granted = 1,

    /// <summary>Taken back by the business, also on behalf of the user; a newer opt-in may grant it again.</summary>
    WithdrawnByBusiness = 2,

    /// <summary>The user's word, by call: only the user's own opt-in grants it again.</summary>
    WithdrawnByUser = 3,

    /// <summary>The user's word: the user blocked the business. Unblocking doesn't restore it; only the user's own opt-in does.</summary>
    WithdrawnByBlock = 4,

    /// <summary>The user's word, by a STOP ALL word, while it was live: a START word restores it, and so does the user's own opt-in.</summary>
    StoppedWhileGranted = 5,

    /// <summary>The user's word, by a STOP ALL word, while it was never given: a START word leads back to <see cref="None"/>.</summary>
    StoppedWhileNotGranted = 6,

    /// <summary>
    /// The user's word, by a STOP ALL word, while the business had withdrawn it: a START word leads back to <see cref="WithdrawnByBusiness"/> at the
    /// instant of the STOP ALL, so that an opt-in from before stays too old.
    /// </summary>
    StoppedWhileWithdrawn = 7,
}

/// <summary>State of one category of consent in the user's record; the proof is a row of the consent log.</summary>
/// <param name="Status">What holds.</param>
/// <param name="At">When it came to hold; the default where <paramref name="Status"/> is none.</param>
/// <param name="Source">Where the live (or restorable) grant came from.</param>
/// <param name="Entry">Number of the consent log's entry within this user that made it so; from 1, 0 for none.</param>
public readonly record struct Consent(ConsentStatus Status, Instant At, ConsentSource Source, uint Entry)
{
    /// <summary>Whether a send may rest on it.</summary>
    public bool IsLive => Status == ConsentStatus.Granted;

    /// <summary>Whether the user's own word took it away, so that no business can restore it.</summary>
    public bool IsTakenAwayByUser => Status >= ConsentStatus.WithdrawnByUser;

    /// <summary>Whether anyone took it away.</summary>
    public bool IsWithdrawn => Status >= ConsentStatus.WithdrawnByBusiness;
}

/// <summary>Whether the user stopped one business's marketing, and how. Stored as a number: never renumber.</summary>
public enum MarketingStop : byte
{
    /// <summary>Not stopped.</summary>
    None = 0,

    /// <summary>By a STOP word; a START word or the user's call undoes it.</summary>
    ByWord = 1,

    /// <summary>By the user's call; only the user's call undoes it.</summary>
    ByCall = 2,
}

/// <summary>Why a user blocks or reports a business. Stored as a number: never renumber.</summary>
public enum ComplaintReason : byte
{
    /// <summary>No reason given.</summary>
    NoReason = 0,

    /// <summary>No longer needed.</summary>
    NoLongerNeeded = 1,

    /// <summary>Never signed up.</summary>
    NoSignUp = 2,

    /// <summary>Not relevant.</summary>
    Irrelevant = 3,

    /// <summary>Spam.</summary>
    Spam = 4,

    /// <summary>Offensive.</summary>
    Offensive = 5,

    /// <summary>Too many messages.</summary>
    TooMany = 6,

    /// <summary>A one-time code that nobody asked for.</summary>
    OtpNotRequested = 7,

    /// <summary>Anything else.</summary>
    Other = 8,
}
