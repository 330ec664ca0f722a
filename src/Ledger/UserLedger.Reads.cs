using Actors.Policy.Users;

namespace Actors.Ledger;

/// <summary>Reads that decisions wait for: gathered over users, so that they cost no round trip each.</summary>
public sealed partial class UserLedger
{
    /// <summary>Messages of one user that are read together with those of others; more are a query of their own.</summary>
    private const int GatheredMax = 16;

    /// <summary>The user's record as stored now.</summary>
    /// <exception cref="LedgerUnavailableException">The storage is away.</exception>
    /// <exception cref="InvalidDataException">The record is damaged, or of a version that this program doesn't know.</exception>
    public async ValueTask<UserRecord> ReadUserAsync(long user, CancellationToken cancellationToken = default)
    {
        if (await _users[Store.PartOf(user)].ReadAsync(user).WaitAsync(cancellationToken) is not { } stored)
        {
            return UserRecord.None(user);
        }

        var record = UserRecord.Of(user, stored.Version, stored.Record.Span) with { Stored = stored.Record };
        Clock.Observe(record.State.LastAt);
        return record;
    }

    /// <summary>
    /// Some of a user's messages, as stored now: those that there are, in no order. Contents only of what users wrote. What is read of many users at about the
    /// same time is read with one query.
    /// </summary>
    /// <param name="user">The wa_id.</param>
    /// <param name="numbers">Their numbers; one that comes twice counts once.</param>
    /// <exception cref="LedgerUnavailableException">The storage is away.</exception>
    public async ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(long user, IReadOnlyCollection<long> numbers)
    {
        if (numbers.Count > GatheredMax)
        {
            var keys = numbers.Distinct().Select(number => (user, number));
            return [.. (await Store.ReadMessagesAsync([.. keys], CancellationToken.None)).Select(found => found.Message)];
        }

        var queue = _messages[Store.PartOf(user)];
        var found = new List<StoredMessage>(numbers.Count);
        foreach (var read in numbers.Distinct().Select(number => queue.ReadAsync((user, number))).ToArray())
        {
            if (await read is { } one)
            {
                found.Add(one.Message);
            }
        }

        return found;
    }
}
