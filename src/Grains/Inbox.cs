using System.Collections.Immutable;
using Actors.Ledger;
using Actors.Policy.Users;

namespace Actors.Grains;

/// <summary>Pages of a user's inbox, bounded by count and by bytes: a page is one message between nodes.</summary>
internal static class Inbox
{
    /// <summary>Most bytes of contents in a page; a single message may be larger.</summary>
    public const int BytesMax = 1024 * 1024;

    private const int Piece = 64;

    /// <summary>The messages to a user behind a number, oldest first. The next page goes on behind the last one given.</summary>
    public static async Task<ImmutableArray<StoredMessage>> ReadAsync(ILedgerStore store, long user, long after, int limit)
    {
        var page = ImmutableArray.CreateBuilder<StoredMessage>();
        var bytes = 0;
        while (page.Count < limit)
        {
            var asked = Math.Min(Piece, limit - page.Count);
            var some = await store.ReadMessagesAsync(user, after, Direction.ToUser, asked, CancellationToken.None);
            foreach (var message in some)
            {
                bytes += message.Content.Length + (message.CallbackData?.Length ?? 0);
                if (bytes > BytesMax && page.Count > 0)
                {
                    return page.ToImmutable();
                }

                // What didn't reach the user in time reaches nobody.
                page.Add(message.Status is MessageStatus.Failed or MessageStatus.Expired ? message with { Content = default } : message);
                after = message.Number;
            }

            if (some.Count < asked)
            {
                break;
            }
        }

        return page.ToImmutable();
    }
}
