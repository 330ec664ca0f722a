namespace Actors.Policy.Analytics;

/// <summary>What is counted, by the half hour in which it happened. Stored as a number: never renumber.</summary>
/// <remarks>The detail beside it says which of its kind; of those without one it is 0.</remarks>
public enum Measure : byte
{
    /// <summary>Messages accepted. Detail: the <see cref="Category"/>.</summary>
    Sent = 1,

    /// <summary>Messages that reached a device. Detail: the category.</summary>
    Delivered = 2,

    /// <summary>Messages read. Detail: the category.</summary>
    Read = 3,

    /// <summary>Messages that failed. Detail: the category.</summary>
    Failed = 4,

    /// <summary>Messages not delivered in time. Detail: the category.</summary>
    Expired = 5,

    /// <summary>Clicks on buttons. Detail: the button's index.</summary>
    Clicked = 6,

    /// <summary>Conversations opened: they count against the messaging limit.</summary>
    Opened = 7,

    /// <summary>Messages of users.</summary>
    Received = 8,

    /// <summary>Answers of users: their first message after one of the business.</summary>
    Replied = 9,

    /// <summary>How long users took to answer. Detail: the bucket of <see cref="ResponseTimes"/>.</summary>
    UserResponse = 10,

    /// <summary>How long the business took to answer. Detail: the bucket of <see cref="ResponseTimes"/>.</summary>
    BusinessResponse = 11,

    /// <summary>Sends refused. Detail: the <see cref="Sends.Reason"/> as the business may know it.</summary>
    Refused = 12,
}

/// <summary>What people said of a business; nobody hears it person by person (<see cref="SmallGroups"/>). Stored as a number: never renumber.</summary>
public enum Opinion : byte
{
    /// <summary>Interested in a marketing message.</summary>
    Interested = 1,

    /// <summary>Not interested in a marketing message.</summary>
    NotInterested = 2,

    /// <summary>Blocked the business.</summary>
    Blocked = 3,

    /// <summary>Reported the business.</summary>
    Reported = 4,
}

/// <summary>What one count is of.</summary>
/// <param name="Period">The half hour in which it happened.</param>
/// <param name="Business">The business.</param>
/// <param name="Template">The template; 0 for everything of the business, with or without one.</param>
/// <param name="Measure">What is counted.</param>
/// <param name="Detail">Which of its kind; see <see cref="Analytics.Measure"/>.</param>
public readonly record struct CountKey(HalfHour Period, long Business, long Template, Measure Measure, short Detail)
{
    /// <summary>The order in which counts are stored.</summary>
    public static IComparer<CountKey> Order { get; } = Comparer<CountKey>.Create((a, b) =>
    {
        var order = a.Period.CompareTo(b.Period);
        order = order != 0 ? order : a.Business.CompareTo(b.Business);
        order = order != 0 ? order : a.Template.CompareTo(b.Template);
        order = order != 0 ? order : a.Measure.CompareTo(b.Measure);
        return order != 0 ? order : a.Detail.CompareTo(b.Detail);
    });
}

/// <summary>What one group of people is of: those who said the same in one half hour.</summary>
/// <param name="Period">The half hour.</param>
/// <param name="Business">The business.</param>
/// <param name="Template">The template that it was said of, or that is charged with it; 0 for none. None is a group of its own, not all of them.</param>
/// <param name="Opinion">What they said.</param>
public readonly record struct GroupKey(HalfHour Period, long Business, long Template, Opinion Opinion)
{
    /// <summary>The order in which groups are stored.</summary>
    public static IComparer<GroupKey> Order { get; } = Comparer<GroupKey>.Create((a, b) =>
    {
        var order = a.Period.CompareTo(b.Period);
        order = order != 0 ? order : a.Business.CompareTo(b.Business);
        order = order != 0 ? order : a.Template.CompareTo(b.Template);
        return order != 0 ? order : a.Opinion.CompareTo(b.Opinion);
    });
}
