namespace Actors.Policy;

/// <summary>What kind of message a send is. For a template: what review says, never what the sender says.</summary>
/// <remarks>Stored and sent as numbers: never renumber.</remarks>
public enum Category : byte
{
    /// <summary>Anything that is not a template; only inside a window.</summary>
    Service = 0,

    /// <summary>Transactional template.</summary>
    Utility = 1,

    /// <summary>One-time codes.</summary>
    Authentication = 2,

    /// <summary>Promotional template: needs a live marketing opt-in always, and counts against the cap.</summary>
    Marketing = 3,
}

/// <summary>A set of the categories that consent is given for. Service needs none.</summary>
/// <remarks>Stored and sent as numbers: never renumber.</remarks>
[Flags]
public enum Categories : byte
{
    /// <summary>The empty set.</summary>
    None = 0,

    /// <summary><see cref="Category.Utility"/>.</summary>
    Utility = 1,

    /// <summary><see cref="Category.Authentication"/>.</summary>
    Authentication = 2,

    /// <summary><see cref="Category.Marketing"/>.</summary>
    Marketing = 4,

    /// <summary>All three.</summary>
    All = Utility | Authentication | Marketing,
}
