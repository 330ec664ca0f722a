using System.Collections.Immutable;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Grains;

/// <summary>Pages of a user's inbox, bounded by count and by bytes: a page is one message between nodes.</summary>
internal static class Inbox
{
    /// <summary>Most bytes of contents in a page; a single message may be larger.</summary>
    public const int BytesMax = 1024 * 1024;

    private const int Piece = 64;

    /// <summary>The messages to a user behind a number, oldest first. The next page goes on behind the last one given.</summary>
    /// <remarks>
    /// What has failed or expired has no content any more, and reaches nobody; nor does what is due and hasn't expired yet: at its time it is too late.
    /// </remarks>
    public static async Task<ImmutableArray<StoredMessage>> ReadAsync(ILedgerStore store, long user, long after, int limit, Instant now)
    {
        var page = ImmutableArray.CreateBuilder<StoredMessage>();
        var bytes = 0;
        while (page.Count < limit)
        {
            var asked = Math.Min(Piece, limit - page.Count);
            var some = await store.ReadMessagesAsync(user, after, Direction.ToUser, asked, CancellationToken.None);
            foreach (var message in some)
            {
                after = message.Number;
                if (message.Status is MessageStatus.Failed or MessageStatus.Expired || MessageLife.IsOver(message, now))
                {
                    continue;
                }

                bytes += message.Content.Length + (message.CallbackData?.Length ?? 0);
                if (bytes > BytesMax && page.Count > 0)
                {
                    return page.ToImmutable();
                }

                page.Add(message);
            }

            if (some.Count < asked)
            {
                break;
            }
        }

        return page.ToImmutable();
    }
}
