namespace Actors.Policy.Users;

/// <summary>A relation's three consents by category.</summary>
internal static class RelationConsents
{
    /// <summary>Which of some categories have a consent such as asked for.</summary>
    public static Categories Which(this Relation relation, Categories among, Func<Consent, bool> such)
    {
        var which = Categories.None;
        which |= such(relation.Utility) ? Categories.Utility : Categories.None;
        which |= such(relation.Authentication) ? Categories.Authentication : Categories.None;
        which |= such(relation.Marketing) ? Categories.Marketing : Categories.None;
        return which & among;
    }

    /// <summary>The relation with the consents of some categories replaced.</summary>
    public static Relation Set(this Relation relation, Categories which, Func<Consent, Consent> by) => relation with
    {
        Utility = (which & Categories.Utility) != 0 ? by(relation.Utility) : relation.Utility,
        Authentication = (which & Categories.Authentication) != 0 ? by(relation.Authentication) : relation.Authentication,
        Marketing = (which & Categories.Marketing) != 0 ? by(relation.Marketing) : relation.Marketing,
    };

    /// <summary>
    /// Whether the user has written since this was withdrawn, so that messages in the window need no opt-in again: withdrawing it once more has to count.
    /// </summary>
    public static bool IsBeforeLastMessage(this Relation relation, Consent consent) => consent.IsWithdrawn && consent.At < relation.WindowFrom;
}
