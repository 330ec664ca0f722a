using System.Runtime.InteropServices;
using Actors.Policy.Users;

namespace Actors.Policy.Analytics;

/// <summary>Sums of what events count as, by business, template and half hour. One for each stretch of the log; thrown away when it is stored.</summary>
/// <remarks>
/// An event counts in the half hour in which it happened, by its own instant, and not in that of the message that it is about. One that names a template
/// counts for the template and for the business. Events without a business or without a user count as nothing.
/// </remarks>
/// <param name="openFrom">
/// The first half hour whose groups of people aren't closed. Who says something later than its half hour is open counts in this one: what was shown as
/// closed never changes.
/// </param>
public sealed class AnalyticsSums(HalfHour openFrom)
{
    private readonly Dictionary<CountKey, long> _counts = [];
    private readonly List<(GroupKey Group, long User)> _said = [];

    /// <summary>How often what happened.</summary>
    public IReadOnlyDictionary<CountKey, long> Counts => _counts;

    /// <summary>Who said what, as often as they said it.</summary>
    public IReadOnlyList<(GroupKey Group, long User)> Said => _said;

    /// <summary>How many rows it takes to store them, about.</summary>
    public int Size => _counts.Count + _said.Count;

    /// <summary>When the oldest event happened that counts in here; null where none does.</summary>
    public Instant? Oldest { get; private set; }

    /// <summary>Counts one event.</summary>
    /// <param name="user">Who it is about; 0 for nobody.</param>
    /// <param name="happened">The event.</param>
    public void Add(long user, in UserEvent happened)
    {
        if (user == 0 || happened.Business == 0)
        {
            return;
        }

        if (MeasureOf(happened.Kind) is { } measure)
        {
            Count(happened, measure, DetailOf(measure, happened));
            if (happened.Opened)
            {
                Count(happened, Measure.Opened, 0);
            }

            if (happened.Response is { } response)
            {
                var bucket = ResponseTimes.BucketOf(response);
                if (measure == Measure.Received)
                {
                    Count(happened, Measure.Replied, 0);
                    Count(happened, Measure.UserResponse, bucket);
                }
                else
                {
                    Count(happened, Measure.BusinessResponse, bucket);
                }
            }
        }
        else if (OpinionOf(happened) is { } opinion)
        {
            var period = HalfHour.Of(happened.At);
            period = period < openFrom ? openFrom : period;
            _said.Add((new GroupKey(period, happened.Business, TemplateOf(happened), opinion), user));
            Note(happened.At);
        }
    }

    private void Count(in UserEvent happened, Measure measure, short detail)
    {
        var key = new CountKey(HalfHour.Of(happened.At), happened.Business, 0, measure, detail);
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, key, out _)++;
        if (happened.Template != 0)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, key with { Template = happened.Template }, out _)++;
        }

        Note(happened.At);
    }

    private void Note(Instant at) => Oldest = Oldest is { } oldest && oldest < at ? oldest : at;

    private static Measure? MeasureOf(EventKind kind) => kind switch
    {
        EventKind.Accepted => Measure.Sent,
        EventKind.Delivered => Measure.Delivered,
        EventKind.Read => Measure.Read,
        EventKind.Failed => Measure.Failed,
        EventKind.Expired => Measure.Expired,
        EventKind.Clicked => Measure.Clicked,
        EventKind.Inbound => Measure.Received,
        EventKind.Blocked or EventKind.Reported or EventKind.FeedbackGiven => null,
        EventKind.OptedIn or EventKind.OptedOut or EventKind.Stopped or EventKind.Resumed or EventKind.Unblocked => null,
        EventKind.PreferencesChanged or EventKind.DeviceChanged or EventKind.BlockListChanged or EventKind.ReadByBusiness => null,
        EventKind.BusinessChanged or EventKind.TemplateChanged or EventKind.QualityChanged or EventKind.Restricted or EventKind.RestrictionLifted => null,
        EventKind.AppealChanged or EventKind.EarlyWarning or EventKind.LimitChanged or EventKind.ThroughputChanged => null,
    };

    private static short DetailOf(Measure measure, in UserEvent happened) => measure switch
    {
        Measure.Sent or Measure.Delivered or Measure.Read or Measure.Failed or Measure.Expired => (short)happened.Category,
        Measure.Clicked => happened.Detail,
        Measure.Opened or Measure.Received or Measure.Replied or Measure.UserResponse or Measure.BusinessResponse or Measure.Refused => 0,
    };

    private static Opinion? OpinionOf(in UserEvent happened) => happened.Kind == EventKind.Blocked ? Opinion.Blocked
        : happened.Kind == EventKind.Reported ? Opinion.Reported
        : happened.Kind != EventKind.FeedbackGiven ? null
        : (Feedback)happened.Detail switch
        {
            Feedback.Interested => Opinion.Interested,
            Feedback.NotInterested => Opinion.NotInterested,
            Feedback.None => null,
        };

    /// <summary>What it was said of; for a block, and a report without a message, what quality charges with it.</summary>
    private static long TemplateOf(in UserEvent happened) =>
        happened.Template != 0 ? happened.Template : happened.Quality.Signal is null ? 0 : happened.Quality.Charged;
}
