using System.Collections.Immutable;

namespace Actors.Policy.Users;

/// <summary>That a commit erases its user: every row about them goes, and their events lose them.</summary>
/// <param name="Withdrawals">Their word against businesses, which stays under keyed hashes.</param>
/// <param name="BlockLists">Businesses that have them on their own block list.</param>
public sealed record Erasure(ImmutableArray<Withdrawal> Withdrawals, ImmutableArray<long> BlockLists)
{
    /// <summary>For so long a tombstone keeps what the rules of others need: the longest period of the marketing cap.</summary>
    public static readonly TimeSpan TombstoneLife = CapUse.WeekPeriod;

    /// <summary>What the event of devices says in its detail: with their user all of them went, and whatever listens for them.</summary>
    public const byte AllDevices = 2;

    /// <summary>
    /// So long after the erasure the log's lines still name the user to whoever has to hear of them: of messages that failed with it, and of a stop, an
    /// opt-out or an opt-in that was told as long before it or less.
    /// </summary>
    public static readonly TimeSpan Settle = TimeSpan.FromMinutes(10);

    /// <summary>Erases a user: what was not delivered fails, and the record becomes a tombstone.</summary>
    /// <remarks>
    /// A tombstone keeps when counted marketing messages were accepted (of which business only within 24 hours), which businesses have opened the user within
    /// 24 hours, and how many messages there were. A place in the cap never comes back by an erasure. Where there is nothing to erase, nothing changes.
    /// </remarks>
    /// <param name="state">The user's record.</param>
    /// <param name="past">What an earlier erasure left; null for none.</param>
    /// <param name="undelivered">The messages to the user that are neither delivered nor at an end.</param>
    /// <param name="now">The ledger's time.</param>
    public static ActionDecision Erase(UserState state, Past? past, IReadOnlyList<StoredMessage> undelivered, Instant now)
    {
        if (state.LastAt == default || (HoldsNothing(state) && state.LastAt == past?.At))
        {
            return ActionDecision.Unchanged;
        }

        var at = Instant.Max(now, state.LastAt);
        var events = undelivered.Select(message => new UserEvent(
            EventKind.Failed, at, message.Business, message.Number, message.PhoneNumber, message.Template, message.Category));

        // Also where no device has a name: whoever listens for the user has to hear of it.
        events = events.Append(new UserEvent(EventKind.DeviceChanged, at, Detail: AllDevices));
        return new ActionDecision(null, new Change(Tombstone(state, at), [.. events])
        {
            Erasure = new Erasure(
                [.. WithdrawalsOf(state)],
                [.. state.Relations.Where(relation => relation.BlockedByBusinessAt is not null).Select(relation => relation.Business)]),
        });
    }

    private static UserState Tombstone(UserState state, Instant at) => new()
    {
        LastAt = at,
        Messages = state.Messages,
        Receipts = [.. state.Receipts.Live(at).Select(receipt => new Receipt(CapUse.InDay(receipt, at) ? receipt.Business : 0, receipt.At, 0))],
        Relations =
        [
            .. state.Relations.Where(relation => relation.WasOpenedWithinADay(at))
                .Select(relation => new Relation { Business = relation.Business, OpenedAt = relation.OpenedAt }),
        ],
    };

    /// <summary>Whether the record says nothing of the user: that of somebody unknown, or a tombstone.</summary>
    private static bool HoldsNothing(UserState state) =>
        state.ConsentEntries == 0
        && state.Keys.IsEmpty
        && state.KeysDroppedAt is null
        && state.Devices.IsEmpty
        && state.Outcomes == default
        && state.OpenOutcomes.IsEmpty
        && state.Preferences is { Businesses: true, Marketing: true, MarketingPerDay: null, QuietHours: null, Languages.IsEmpty: true }
        && state.Relations.All(relation => relation == new Relation { Business = relation.Business, OpenedAt = relation.OpenedAt });

    /// <summary>What the user's own word took away: from all businesses, by preference, and from each.</summary>
    private static IEnumerable<Withdrawal> WithdrawalsOf(UserState state)
    {
        var (businesses, marketing) = (state.Preferences.Businesses, state.Preferences.Marketing);
        yield return new Withdrawal(0, !businesses ? Categories.All : !marketing ? Categories.Marketing : Categories.None, Categories.None);
        foreach (var relation in state.Relations)
        {
            var said = relation.Which(Categories.All, consent => consent.Status != ConsentStatus.None);
            var taken = relation.Which(Categories.All, consent => consent.IsTakenAwayByUser)
                | (relation.Stop == MarketingStop.None ? Categories.None : Categories.Marketing)
                | (relation.BlockedAt is null ? Categories.None : Categories.All);
            if ((said | taken) != Categories.None)
            {
                yield return new Withdrawal(relation.Business, taken, said | taken);
            }
        }
    }
}

/// <summary>What one business may not ask for any more.</summary>
/// <param name="Business">The business's id; 0 for all of them.</param>
/// <param name="Taken">Categories that the user's own word took away.</param>
/// <param name="Said">
/// Categories of which the record says something: of these it replaces what an earlier erasure has left, for the others that stays.
/// </param>
public readonly record struct Withdrawal(long Business, Categories Taken, Categories Said);
