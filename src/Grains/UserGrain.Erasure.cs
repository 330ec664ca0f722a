using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Grains;

/// <summary>The end of a user's record, and what it means for those who come back.</summary>
internal sealed partial class UserGrain
{
    private const int UndeliveredPage = 100;

    public async Task<ActionReply> EraseAsync()
    {
        var blockLists = ImmutableArray<long>.Empty;
        var reply = await DecideAsync(
            async (state, _, now) =>
            {
                var past = await ledger.ReadPastAsync(User, 0);
                var decision = Erasure.Erase(state, past, await ReadUndeliveredAsync(), now);
                blockLists = decision.Change?.Erasure?.BlockLists ?? [];
                return ToStep(decision);
            },
            Outage<ActionReply>,
            limited: false);

        // Told after it, as ever; where it fails, the sweep that rewrites the log does it.
        foreach (var business in blockLists)
        {
            GrainFactory.GetGrain<IBlockListGrain>(business).NoteAsync([User], blocked: false).Ignore();
        }

        return reply;
    }

    public Task<ActionReply> OptInAsync(OptIn optIn) => DecideAsync(
        async (state, numbers, now) =>
        {
            if (!optIn.ByUser && !IsKnown(state, optIn) && !_past.IsRead)
            {
                _past = (true, await ledger.ReadPastAsync(User, optIn.Business));
            }

            return ToStep(ConsentActions.OptIn(state, optIn, numbers, now, _past.Value));
        },
        Outage<ActionReply>,
        limited: true);

    public async Task<ActionReply> SetPreferencesAsync(Preferences preferences)
    {
        var reply = await ActAsync((state, numbers, now) => UserActions.SetPreferences(state, preferences, numbers, now, Zones.OffsetAt));
        var given = !preferences.Businesses ? Categories.None : preferences.Marketing ? Categories.All : Categories.All & ~Categories.Marketing;
        if (reply.Refusal is null && given != Categories.None)
        {
            // What their word took away before they were erased, their new word gives back. Where it fails, it holds a little longer.
            await Outages.AsOutageAsync(async () =>
            {
                if ((await ledger.ReadPastAsync(User, 0))?.Taken is { } taken && (taken & given) != Categories.None)
                {
                    await ledger.LiftAsync(User, given);
                }

                return true;
            });
        }

        return reply;
    }

    /// <summary>Whether the record says something of every category that is asked for: then it is what counts, not what an earlier life left.</summary>
    private static bool IsKnown(UserState state, OptIn optIn) =>
        state.RelationWith(optIn.Business) is { } relation
        && IsKnown(optIn, Categories.Utility, relation.Utility)
        && IsKnown(optIn, Categories.Authentication, relation.Authentication)
        && IsKnown(optIn, Categories.Marketing, relation.Marketing);

    private static bool IsKnown(OptIn optIn, Categories category, Consent consent) =>
        (optIn.Categories & category) == 0 || consent.Status != ConsentStatus.None;

    private async Task<List<StoredMessage>> ReadUndeliveredAsync()
    {
        var all = new List<StoredMessage>();
        while (true)
        {
            var after = all is [.., var last] ? last.Number : 0;
            var page = await ledger.Store.ReadHistoryAsync(User, after, UndeliveredPage, undelivered: true, CancellationToken.None);
            all.AddRange(page.Select(message => message with { Content = default }));
            if (page.Count < UndeliveredPage)
            {
                return all;
            }
        }
    }
}
