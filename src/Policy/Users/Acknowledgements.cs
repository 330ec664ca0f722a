using System.Collections.Immutable;

namespace Actors.Policy.Users;

/// <summary>What the user's side says of messages.</summary>
/// <param name="To">Delivered or read.</param>
/// <param name="Device">Name of the device that says it; null where it doesn't tell. One that isn't registered is as good as none.</param>
/// <param name="UpTo">Number of the message up to which that device has everything that wasn't held back from it; 0 for nothing.</param>
/// <param name="Leaves">Whether the device is about to go: then nothing is kept for it, whatever was held back.</param>
/// <param name="ReadUpTo">Number of the message up to which everything that it has was read on that device; 0 for nothing, never above UpTo.</param>
public readonly record struct Acknowledgement(MessageStatus To, string? Device = null, long UpTo = 0, bool Leaves = false, long ReadUpTo = 0);

/// <summary>What became of one of the messages.</summary>
/// <param name="Refusal">Why not; null when it is as was said.</param>
/// <param name="Changed">Whether it wasn't so before on any device.</param>
public readonly record struct Acknowledged(ActionRefusal? Refusal, bool Changed);

/// <summary>The answer to an acknowledgement.</summary>
/// <param name="Results">One for each message, in order.</param>
/// <param name="Change">What it makes durable, all in one; null when nothing changes.</param>
public sealed record AcknowledgementDecision(ImmutableArray<Acknowledged> Results, Change? Change);

/// <summary>Delivered and read, of one message or of many in one commit, and until when a message's content is needed.</summary>
/// <remarks>
/// The content of a message to the user is needed until it was read and every registered device has acknowledged it; where no device is registered, until it
/// was read. With the commit that makes it needless it goes. Events, status and row stay.
/// </remarks>
public static class Acknowledgements
{
    /// <summary>Most messages of one acknowledgement.</summary>
    public const int Max = 1_000;

    /// <summary>Number of the message up to which every registered device has everything: what of these was read needs no content.</summary>
    public static long ReleasedUpTo(UserState state)
    {
        var least = long.MaxValue;
        foreach (var device in state.Devices)
        {
            least = Math.Min(least, device.Acked);
        }

        return least;
    }

    /// <summary>Of messages that aren't finished those that "all up to one" means: no marketing that no device can have.</summary>
    /// <remarks>Who names a message itself has it. Who says "all" doesn't mean what was held back from them, and doesn't know of it.</remarks>
    /// <param name="state">The user's record.</param>
    /// <param name="unfinished">Messages to the user.</param>
    /// <param name="now">The ledger's time.</param>
    /// <param name="offsetAt">The rules of the time zones.</param>
    public static ImmutableArray<StoredMessage> Meant(UserState state, IEnumerable<StoredMessage> unfinished, Instant now, OffsetAt offsetAt)
    {
        var isQuiet = Push.QuietUntil(state, now, offsetAt) is not null;
        return
        [
            .. unfinished.Where(message => message is not { Category: Category.Marketing, Status: MessageStatus.Accepted }
                || !(isQuiet || state.Receipts.Any(receipt => receipt.Message == message.Number))),
        ];
    }

    /// <summary>
    /// Up to where a device has everything that says so of <paramref name="upTo"/>: in quiet hours that counts for nothing, since marketing may be held back
    /// from it.
    /// </summary>
    /// <param name="state">The user's record.</param>
    /// <param name="upTo">Number of a message.</param>
    /// <param name="now">The ledger's time.</param>
    /// <param name="offsetAt">The rules of the time zones.</param>
    public static long UpTo(UserState state, long upTo, Instant now, OffsetAt offsetAt) => Push.QuietUntil(state, now, offsetAt) is null ? upTo : 0;

    /// <summary>
    /// The record once a device has said up to where it has everything. What it said before stays, and nothing is acknowledged before it is made, or behind
    /// marketing that was handed to no device.
    /// </summary>
    public static UserState Noted(UserState state, Acknowledgement said)
    {
        var upTo = state.Receipts.Where(receipt => receipt.Message != 0 && !said.Leaves)
            .Aggregate(Math.Min(said.UpTo, state.Messages), (least, receipt) => Math.Min(least, receipt.Message - 1));
        for (var i = 0; i < state.Devices.Length; i++)
        {
            var device = state.Devices[i];
            var (acked, readUpTo) = (Math.Max(device.Acked, upTo), Math.Max(device.ReadUpTo, Math.Min(said.ReadUpTo, upTo)));
            if (device.Name == said.Device && (acked, readUpTo) != (device.Acked, device.ReadUpTo))
            {
                return state with { Devices = state.Devices.SetItem(i, device with { Acked = acked, ReadUpTo = readUpTo }) };
            }
        }

        return state;
    }

    /// <summary>Decides what is said of some messages.</summary>
    /// <param name="state">The user's record.</param>
    /// <param name="said">What is said.</param>
    /// <param name="messages">The messages, each once, at most <see cref="Max"/>.</param>
    /// <param name="kept">Messages that were read before, whose contents are kept: those that nobody needs now go.</param>
    /// <param name="numbers">The policy's numbers.</param>
    /// <param name="now">The ledger's time.</param>
    /// <exception cref="ArgumentOutOfRangeException">It says neither delivered nor read.</exception>
    public static AcknowledgementDecision Decide(
        UserState state,
        Acknowledgement said,
        ImmutableArray<StoredMessage> messages,
        ImmutableArray<StoredMessage> kept,
        PolicyNumbers numbers,
        Instant now)
    {
        if (said.To is not (MessageStatus.Delivered or MessageStatus.Read))
        {
            throw new ArgumentOutOfRangeException(nameof(said), said.To, "A device moves a message to delivered or read.");
        }

        var draft = new Draft(state, now);
        draft.Note(Noted(state, said));
        var releasedUpTo = ReleasedUpTo(draft.State);
        var device = DeviceMarks.Knows(state, said.Device) ? said.Device : null;
        var results = ImmutableArray.CreateBuilder<Acknowledged>(messages.Length);
        foreach (var message in messages)
        {
            results.Add(MessageActions.Advance(draft, message, said.To, device, releasedUpTo, numbers));
        }

        draft.Drop(kept);
        return new AcknowledgementDecision(results.MoveToImmutable(), draft.Done().Change);
    }
}
