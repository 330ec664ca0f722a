using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy.Sends;
using Actors.Policy.Users;
using Orleans.Concurrency;

namespace Actors.Grains;

/// <summary>Reads the ledger for the live streams of a process: what is new, and then the messages of those who are there, many users' at once.</summary>
[GrainType("inbox")]
[StatelessWorker(16)]
internal sealed class InboxGrain(UserLedger ledger) : Grain, IInboxGrain
{
    private const int NewsMax = 4_096;
    private const int MessagesMin = 4;
    private const int MessagesMax = 32;

    /// <summary>Most messages that are read for all places together: each may have a large content, and all of them are in memory at once.</summary>
    private const int ReadMax = 1_024;

    // A machine's matter, not the ledger's time. Well below the time that a grain call may take.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public Task<InboxNews> NewsAsync(long? after) => Outages.AsOutageAsync(async () =>
    {
        if (after is not { } place)
        {
            return News([], ledger.Horizon);
        }

        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await ledger.WaitForEventsAsync(place, patience.Token);
        }
        catch (OperationCanceledException)
        {
            return News([], place);
        }

        var page = await ledger.ReadEventsAsync(null, place, NewsMax, CancellationToken.None);
        if (page.Earliest is not null)
        {
            return News([], ledger.Horizon) with { IsGap = true };
        }

        var lines = ImmutableArray.CreateBuilder<NewsLine>(page.Events.Count);
        foreach (var line in page.Events)
        {
            if (KindOf(line.Event) is { } kind)
            {
                lines.Add(new NewsLine(kind == NewsKind.Template ? line.Event.Business : line.User, line.Event.Message, line.Event.At, kind));
            }
        }

        return News(lines.DrainToImmutable(), page.Next);
    });

    public Task<ImmutableArray<InboxPage>> MessagesAsync(ImmutableArray<InboxPlace> places) => Outages.AsOutageAsync(async () =>
    {
        var most = Math.Clamp(ReadMax / Math.Max(1, places.Length), MessagesMin, MessagesMax);
        var found = await ledger.Store.ReadMessagesAsync(
            [.. places.Select(place => new MessagesPlace(place.User, place.After))], most, CancellationToken.None);
        var pages = ImmutableArray.CreateBuilder<InboxPage>(found.Length);
        var bytes = 0;
        foreach (var messages in found)
        {
            var page = Fill(messages, ref bytes, isFirst: pages.Count == 0);
            if (page.IsEmpty && messages.Count > 0)
            {
                break;
            }

            pages.Add(new InboxPage(page, [], page.Length < messages.Count || messages.Count == most));
        }

        return await WithConsentsAsync(places, pages);
    });

    public Task<ImmutableArray<ImmutableArray<StatusNote>>> StatusesAsync(ImmutableArray<StatusPlace> places) =>
        Outages.AsOutageAsync<ImmutableArray<ImmutableArray<StatusNote>>>(async () =>
        [
            .. (await ledger.Store.ReadStatusesAsync(
                [.. places.Select(place => new StatusesPlace(place.User, place.After, place.UpTo, place.Since))],
                IInboxGrain.StatusesMax,
                CancellationToken.None)).Select(lines => lines.Select(line => new StatusNote(line.Number, line.Status, line.At)).ToImmutableArray()),
        ]);

    public Task<ImmutableArray<ConsentLine>> ConsentsAsync(long user, ImmutableArray<uint> entries) =>
        Outages.AsOutageAsync<ImmutableArray<ConsentLine>>(async () =>
        [
            .. (await ledger.Store.ReadConsentsAsync([.. entries.Select(entry => (user, entry))], CancellationToken.None))
                .Select(stored => new ConsentLine(stored.Seq, stored.User, stored.Entry)),
        ]);

    private InboxNews News(ImmutableArray<NewsLine> lines, long next) => new(lines, next, ledger.Clock.Now, IsGap: false);

    private static NewsKind? KindOf(in UserEvent happened) => happened.Kind switch
    {
        EventKind.Accepted => NewsKind.Message,
        EventKind.Delivered => NewsKind.Delivered,
        EventKind.Read => NewsKind.Read,
        EventKind.Failed => NewsKind.Failed,
        EventKind.Expired => NewsKind.Expired,
        EventKind.DeviceChanged when happened.Detail == Erasure.AllDevices => NewsKind.Erased,
        EventKind.PreferencesChanged or EventKind.DeviceChanged => NewsKind.User,
        EventKind.TemplateChanged => NewsKind.Template,
        _ => null,
    };

    /// <summary>As many of the messages as fit, the contents of all pages together. What reaches nobody any more comes without: it is only passed.</summary>
    private ImmutableArray<StoredMessage> Fill(IReadOnlyList<StoredMessage> messages, ref int bytes, bool isFirst)
    {
        var page = ImmutableArray.CreateBuilder<StoredMessage>(messages.Count);
        var now = ledger.Clock.Now;
        foreach (var message in messages)
        {
            bytes += message.Content.Length + (message.CallbackData?.Length ?? 0);
            if (bytes > Inbox.BytesMax && !(isFirst && page.Count == 0))
            {
                break;
            }

            var isOver = message.Status is MessageStatus.Failed or MessageStatus.Expired || MessageLife.IsOver(message, now);
            page.Add(isOver ? message with { Content = default } : message);
        }

        return page.DrainToImmutable();
    }

    /// <summary>Puts to the pages the consents that their messages rest on, all of them by one question.</summary>
    private async Task<ImmutableArray<InboxPage>> WithConsentsAsync(ImmutableArray<InboxPlace> places, ImmutableArray<InboxPage>.Builder pages)
    {
        var wanted = new HashSet<(long User, uint Number)>();
        for (var i = 0; i < pages.Count; i++)
        {
            foreach (var message in pages[i].Messages)
            {
                if (AcceptanceExplanation.Read(message.Explanation.Span)?.ConsentEntry is { } entry)
                {
                    wanted.Add((places[i].User, entry));
                }
            }
        }

        if (wanted.Count == 0)
        {
            return pages.ToImmutable();
        }

        var consents = (await ledger.Store.ReadConsentsAsync([.. wanted], CancellationToken.None)).ToLookup(stored => stored.User, stored => stored.Entry);
        for (var i = 0; i < pages.Count; i++)
        {
            pages[i] = pages[i] with { Consents = [.. consents[places[i].User]] };
        }

        return pages.ToImmutable();
    }
}
