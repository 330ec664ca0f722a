using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Api.Inbox;

/// <summary>What a stream reads and writes, and where it stands then.</summary>
internal sealed partial class InboxStream
{
    /// <summary>Statuses that it wasn't told: read from the messages, all that were reached since the place says that none is missing.</summary>
    private async Task<bool> CatchUpAsync(EventOutput output)
    {
        var surely = parts.Feed.Now is { } now ? now - Late : default;
        for (var after = 0L; ;)
        {
            ImmutableArray<StatusNote> notes;
            try
            {
                notes = await parts.Reads.StatusesAsync(new StatusPlace(user, after, _place.Newest, _place.Since));
            }
            catch
            {
                Wake(Work.Missed);
                throw;
            }

            // Read by one look, in the order of time: whatever the user's record comes to afterwards is not before any of them. So a device that loses its
            // connection in the middle goes on from there.
            var isWhole = after == 0 && notes.Length < IInboxGrain.StatusesMax;
            foreach (var note in isWhole ? notes.Sort(static (a, b) => a.At.CompareTo(b.At)) : notes)
            {
                _place = isWhole ? _place with { Since = Instant.Max(_place.Since, note.At) } : _place;
                if (!_ahead.Says(note.Message, note.Status))
                {
                    await WriteStatusAsync(output, note.Message, note.Status, note.At);
                    _ahead.Wrote(note.Message, note.Status, note.At);
                }
            }

            if (!await SendOnAsync(output))
            {
                return false;
            }

            if (notes.Length < IInboxGrain.StatusesMax)
            {
                break;
            }

            after = notes[^1].Message;
        }

        _place = _place with { Since = Instant.Max(_place.Since, surely) };
        return true;
    }

    /// <summary>Statuses that it was told. They come in ledger order, in which a user's time never goes back.</summary>
    private async Task WriteStatusesAsync(EventOutput output)
    {
        List<NewsLine> statuses = [];
        Instant told;
        lock (_lock)
        {
            if (_work.HasFlag(Work.Missed))
            {
                return;   // there were too many: they are read
            }

            told = _told;
            if (_statuses.Count > 0)
            {
                (statuses, _statuses) = (_statuses, statuses);
            }
        }

        try
        {
            // What isn't written yet comes with its status.
            foreach (var line in statuses.Where(line => line.Message <= _place.Newest))
            {
                var says = _ahead.Hear(line.Message, StatusOf(line.Kind), line.At);
                if (says == AheadOfNews.Line.Unsure)
                {
                    Wake(Work.Missed);   // from where it stands: it is read what became of this one and the rest
                    return;
                }

                _place = _place with { Since = Instant.Max(_place.Since, line.At) };
                if (says == AheadOfNews.Line.New)
                {
                    await WriteStatusAsync(output, line.Message, StatusOf(line.Kind), line.At);
                }
            }
        }
        catch
        {
            Wake(Work.Missed);
            throw;
        }

        _place = _place with { Since = Instant.Max(_place.Since, told) };
        _ahead.HeardUpTo(told);
    }

    private async ValueTask WriteStatusAsync(EventOutput output, long message, MessageStatus status, Instant at) =>
        output.Status(_place, await parts.Shapes.StatusAsync(user, message, status, at));

    /// <summary>Writes what is new, or first what was held, as far as quiet hours let it.</summary>
    private async Task<bool> PushAsync(bool held, EventOutput output)
    {
        var after = held ? _place.Held : _place.Newest;
        for (var isFull = true; isFull;)
        {
            var (page, quietUntil) = await ReadAsync(after);
            if (quietUntil is { } until)
            {
                Volatile.Write(ref _quietUntil, until.Milliseconds);
            }
            else if (!held && _place.Holds && page.Messages.Any(IsMarketing))
            {
                return await PushAsync(held: true, output);   // the quiet hours are over: what was held goes first
            }

            foreach (var message in page.Messages)
            {
                after = message.Number;
                if (after <= _place.Newest && (message.Category != Category.Marketing || IsHeldBack(message, quietUntil)))
                {
                    if (message.Category == Category.Marketing)
                    {
                        return true;   // it is quiet still, or again
                    }

                    continue;
                }

                (var next, held) = (Next(after, held, IsHeldBack(message, quietUntil)), held && after <= _place.Newest);
                var shape = IsOver(message) || IsHeldBack(message, quietUntil) ? null
                    : await parts.Shapes.MessageAsync(user, message, page.Consents, isTold: after <= Volatile.Read(ref _newestTold), parts.Feed.Now);
                _place = next;
                Volatile.Write(ref _newest, _place.Newest);
                if (shape is not null)
                {
                    output.Message(_place, shape);
                    _ahead.Wrote(after, message.Status, message.EndedAt ?? message.ReadAt ?? message.DeliveredAt ?? message.At);
                }

                if (!await SendOnAsync(output))
                {
                    return false;
                }
            }

            isFull = page.IsFull;
        }

        _place = held ? _place with { Held = _place.Newest } : _place;
        Volatile.Write(ref _quietUntil, _place.Holds ? _quietUntil : long.MaxValue);
        return true;
    }

    /// <summary>
    /// Sends what was written where it is much; false where the connection is lost, or the stream may not go on: however long it has to write, it ends when it
    /// is told to.
    /// </summary>
    private async ValueTask<bool> SendOnAsync(EventOutput output) => !output.IsFull || (await output.SendAsync() && await GoesOnAsync());

    private async Task<bool> GoesOnAsync()
    {
        Work told;
        lock (_lock)
        {
            told = _work & (Work.Ended | Work.Device);
            _work &= ~Work.Device;
        }

        try
        {
            return !told.HasFlag(Work.Ended) && (!told.HasFlag(Work.Device) || await HasDeviceAsync());
        }
        catch
        {
            Wake(Work.Device);
            throw;
        }
    }

    private async Task<bool> HasDeviceAsync() => device is null || await parts.Users[user].HasDeviceAsync(device);

    /// <summary>The place behind a message. What isn't held takes the first held number along only while nothing is held.</summary>
    /// <param name="number">The message's number.</param>
    /// <param name="isRelease">Whether what was held is being written: then nothing before what is new is held any more.</param>
    /// <param name="isHeld">Whether this one is held.</param>
    private StreamPlace Next(long number, bool isRelease, bool isHeld)
    {
        if (number <= _place.Newest)
        {
            return _place with { Held = number };
        }

        var before = isRelease ? _place with { Held = _place.Newest } : _place;
        return before with { Newest = number, Held = isHeld || before.Holds ? before.Held : number };
    }

    /// <summary>Reads messages behind a number. Marketing among them is noted as handed out before it is given; in quiet hours it isn't.</summary>
    /// <returns>Messages without their content are only passed.</returns>
    private async Task<(InboxPage Page, Instant? QuietUntil)> ReadAsync(long after)
    {
        var (asked, withheld) = (ImmutableArray<long>.Empty, ImmutableArray<long>.Empty);
        for (var isAgain = false; ; isAgain = true)
        {
            var page = Without(withheld, await parts.Reads.MessagesAsync(new InboxPlace(user, after)));
            ImmutableArray<PushedMessage> fresh =
            [
                .. page.Messages.Where(m => m is { Category: Category.Marketing, Status: MessageStatus.Accepted } && !asked.Contains(m.Number))
                    .Select(m => new PushedMessage(m.Number, m.Business)),
            ];
            if (fresh.IsEmpty && (isAgain || !page.Messages.Any(IsMarketing)))
            {
                return (page, null);
            }

            var push = await parts.Users[user].PushAsync(fresh);
            if (push.QuietUntil is { } until)
            {
                return (page, until);
            }

            if (fresh.IsEmpty)
            {
                return (page, null);
            }

            // Then read again: what has failed before that gave its place in the cap back, and is handed to nobody.
            asked = asked.AddRange(fresh.Select(one => one.Number));
            withheld = withheld.AddRange(push.Withheld);
        }
    }

    /// <summary>What the user has withdrawn from is passed, like what nobody gets any more.</summary>
    private static InboxPage Without(ImmutableArray<long> withheld, InboxPage page) => withheld.IsEmpty
        ? page
        : page with { Messages = [.. page.Messages.Select(one => withheld.Contains(one.Number) ? one with { Content = default } : one)] };

    private static bool IsHeldBack(StoredMessage message, Instant? quietUntil) => quietUntil is not null && IsMarketing(message);

    private static bool IsMarketing(StoredMessage message) => message.Category == Category.Marketing && !IsOver(message);

    /// <summary>Whether nobody gets it any more: then it comes without its content.</summary>
    private static bool IsOver(StoredMessage message) => message.Content.IsEmpty;

    private static MessageStatus StatusOf(NewsKind kind) => kind switch
    {
        NewsKind.Delivered => MessageStatus.Delivered,
        NewsKind.Read => MessageStatus.Read,
        NewsKind.Failed => MessageStatus.Failed,
        NewsKind.Expired => MessageStatus.Expired,
        NewsKind.Message or NewsKind.User or NewsKind.Template or NewsKind.Erased =>
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "It is no status."),
    };
}
