using System.Text.Json;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy.Users;

namespace Actors.Grains.Webhooks;

/// <summary>The messages that a page of events is about, and those that users' messages among them answer.</summary>
internal sealed class TellableMessages
{
    private readonly Dictionary<(long User, long Number), StoredMessage> _rows = [];

    private TellableMessages()
    {
    }

    /// <summary>Reads them: one round trip, and another one where a user's message answers one that isn't among them.</summary>
    public static async Task<TellableMessages> ReadAsync(
        ILedgerStore store, Wamid wamid, IEnumerable<(LedgerEvent Line, string Field)> told, CancellationToken cancellationToken)
    {
        var messages = new TellableMessages();
        await messages.AddAsync(store, told.Select(one => (one.Line.User, one.Line.Event.Message)), cancellationToken);
        var answered = messages._rows.Where(row => row.Value.Direction == Direction.FromUser)
            .Select(row => AnsweredBy(row.Value, wamid)).OfType<(long, long)>().ToArray();
        await messages.AddAsync(store, answered, cancellationToken);
        return messages;
    }

    /// <summary>The message that an event is about; null where it is no longer kept.</summary>
    public StoredMessage? Of(LedgerEvent line) => _rows.GetValueOrDefault((line.User, line.Event.Message));

    /// <summary>A message by user and number; null where it is no longer kept.</summary>
    public StoredMessage? Find(long user, long number) => _rows.GetValueOrDefault((user, number));

    /// <summary>The message that a user's message answers; null for none.</summary>
    private static (long User, long Number)? AnsweredBy(StoredMessage message, Wamid wamid)
    {
        if (message.Content.IsEmpty)
        {
            return null;
        }

        using var content = JsonDocument.Parse(message.Content);
        return content.RootElement.TryGetProperty("context", out var context)
            && wamid.TryDecode(context.GetProperty("message_id").GetString(), out var user, out var number) ? (user, number) : null;
    }

    private async Task AddAsync(ILedgerStore store, IEnumerable<(long User, long Number)> wanted, CancellationToken cancellationToken)
    {
        (long, long)[] missing = [.. wanted.Where(pair => !_rows.ContainsKey(pair)).Distinct()];
        if (missing.Length == 0)
        {
            return;
        }

        foreach (var (user, message) in await store.ReadMessagesAsync(missing, cancellationToken))
        {
            _rows[(user, message.Number)] = message;
        }
    }
}
