using System.Collections.Immutable;
using Actors.Policy.Businesses;

namespace Actors.Policy.Users;

/// <summary>Blocks, reports, preferences, devices.</summary>
public static class UserActions
{
    /// <summary>The user blocks a business: withdraws all its opt-ins by the user's word and closes the window.</summary>
    /// <remarks>
    /// All three categories become withdrawn by the block, also those never given; what the user withdrew by call stays so. The consent log and the
    /// events show it as an opt-out by call would be shown, so that a business can't tell one from the other. Where the business is blocked already
    /// nothing changes: the first reason stands.
    /// </remarks>
    public static ActionDecision Block(UserState state, long business, ComplaintReason reason, Instant now)
    {
        var draft = new Draft(state, now);
        Block(draft, business, reason);
        return draft.Done();
    }

    /// <summary>The user unblocks a business; restores nothing.</summary>
    public static ActionDecision Unblock(UserState state, long business, Instant now)
    {
        var draft = new Draft(state, now);
        var relation = draft.With(business);
        if (relation.BlockedAt is not null)
        {
            draft.Put(relation with { BlockedAt = null, BlockReason = ComplaintReason.NoReason });
            draft.Tell(new UserEvent(EventKind.Unblocked, draft.Now, business));
        }

        return draft.Done();
    }

    /// <summary>The user reports a business, perhaps for one message, perhaps blocking it, too.</summary>
    /// <param name="message">The message; it must be one of this business to the user. Null for none.</param>
    public static ActionDecision Report(UserState state, long business, ComplaintReason reason, StoredMessage? message, bool block, Instant now)
    {
        if (message is not null && (message.Direction != Direction.ToUser || message.Business != business))
        {
            return ActionDecision.Refuse(ActionRefusal.MessageMismatch);
        }

        var draft = new Draft(state, now);
        draft.Tell(new UserEvent(
            EventKind.Reported,
            draft.Now,
            business,
            message?.Number ?? 0,
            message?.PhoneNumber ?? 0,
            message?.Template ?? 0,
            message?.Category ?? Category.Service,
            Detail: (byte)reason,
            Quality: draft.Signal(business, NegativeSignal.Report)));
        if (block)
        {
            Block(draft, business, reason);
        }

        return draft.Done();
    }

    /// <summary>Replaces the preferences. Turning businesses off closes every window.</summary>
    /// <remarks>
    /// The own number of marketing messages is at most the platform's, as it stands for this user now, or what it was: who repeats their preferences isn't
    /// refused because that one fell. Refused as <see cref="ActionRefusal.TimeZoneUnknown"/> where <paramref name="offsetAt"/> doesn't know the zone.
    /// </remarks>
    public static ActionDecision SetPreferences(UserState state, Preferences preferences, PolicyNumbers numbers, Instant now, OffsetAt offsetAt)
    {
        var draft = new Draft(state, now);
        var current = state.Preferences;
        if (current.Businesses == preferences.Businesses
            && current.Marketing == preferences.Marketing
            && current.Languages.AsSpan().SequenceEqual(preferences.Languages.AsSpan())
            && current.MarketingPerDay == preferences.MarketingPerDay
            && current.QuietHours == preferences.QuietHours)
        {
            return draft.Done();
        }

        if (preferences.MarketingPerDay is { } own
            && own != current.MarketingPerDay
            && own > Engagement.PerDay(state, numbers.MarketingCap, draft.Now).PerDay)
        {
            return ActionDecision.Refuse(ActionRefusal.NumberTooHigh);
        }

        if (preferences.QuietHours is { } quiet && offsetAt(quiet.TimeZone, draft.Now) is null)
        {
            return ActionDecision.Refuse(ActionRefusal.TimeZoneUnknown);
        }

        draft.Put(state with
        {
            Preferences = preferences,
            Relations = preferences.Businesses ? state.Relations : [.. state.Relations.Select(relation => relation with { WindowFrom = null })],
        });
        var detail = (byte)((preferences.Businesses ? 1 : 0) | (preferences.Marketing ? 2 : 0));
        draft.Tell(new UserEvent(EventKind.PreferencesChanged, draft.Now, Detail: detail));
        return draft.Done();
    }

    /// <summary>Registers a device.</summary>
    public static ActionDecision AddDevice(UserState state, string device, Instant now)
    {
        var draft = new Draft(state, now);
        var place = PlaceOf(device, state.Devices);
        if (place < state.Devices.Length && state.Devices[place].Name == device)
        {
            return draft.Done();
        }

        if (state.Devices.Length >= UserState.DevicesMax)
        {
            return ActionDecision.Refuse(ActionRefusal.TooManyDevices);
        }

        draft.Put(state with { Devices = state.Devices.Insert(place, new Device(device, draft.Now)) });
        draft.Tell(new UserEvent(EventKind.DeviceChanged, draft.Now, Detail: 1));
        return draft.Done();
    }

    /// <summary>Removes a device.</summary>
    /// <param name="state">The user's record.</param>
    /// <param name="device">Its name.</param>
    /// <param name="kept">Messages that were read, whose contents are kept: what only this device hadn't acknowledged nobody needs now.</param>
    /// <param name="now">The ledger's time.</param>
    public static ActionDecision RemoveDevice(UserState state, string device, ImmutableArray<StoredMessage> kept, Instant now)
    {
        var draft = new Draft(state, now);
        var place = PlaceOf(device, state.Devices);
        if (place == state.Devices.Length || state.Devices[place].Name != device)
        {
            return ActionDecision.Refuse(ActionRefusal.DeviceUnknown);
        }

        draft.Put(state with { Devices = state.Devices.RemoveAt(place) });
        draft.Tell(new UserEvent(EventKind.DeviceChanged, draft.Now, Detail: 0));
        draft.Drop(kept);
        return draft.Done();
    }

    /// <summary>The record without a device; itself where there is none of that name.</summary>
    public static UserState Without(UserState state, string device) =>
        state with { Devices = state.Devices.RemoveAll(one => one.Name == device) };

    /// <summary>The business puts the user on its own block list (only users whose window is open) or takes them off.</summary>
    public static ActionDecision SetBusinessBlock(UserState state, long business, bool blocked, PolicyNumbers numbers, Instant now)
    {
        var draft = new Draft(state, now);
        var relation = draft.With(business);
        if (relation.BlockedByBusinessAt is not null == blocked)
        {
            return draft.Done();
        }

        if (blocked && !relation.WindowIsOpen(numbers.Window, draft.Now))
        {
            return ActionDecision.Refuse(ActionRefusal.NoRecentMessage);
        }

        draft.Put(relation with { BlockedByBusinessAt = blocked ? draft.Now : null });
        draft.Tell(new UserEvent(EventKind.BlockListChanged, draft.Now, business, Detail: (byte)(blocked ? 1 : 0)));
        return draft.Done();
    }

    private static void Block(Draft draft, long business, ComplaintReason reason)
    {
        var relation = draft.With(business);
        if (relation.BlockedAt is not null)
        {
            return;
        }

        relation = ConsentActions.WithdrawByUser(draft, relation, Categories.All, ConsentStatus.WithdrawnByBlock, ConsentActor.UserBlock);
        var mark = QualitySignals.Signal(ref relation, NegativeSignal.Block, draft.Now);
        draft.Put(relation with { BlockedAt = draft.Now, BlockReason = reason, WindowFrom = null });
        draft.Tell(new UserEvent(EventKind.Blocked, draft.Now, business, Detail: (byte)reason, Quality: mark));
    }

    /// <summary>Where a device stands or would stand: the devices are in ordinal order.</summary>
    private static int PlaceOf(string device, ImmutableArray<Device> devices)
    {
        var place = 0;
        while (place < devices.Length && string.CompareOrdinal(devices[place].Name, device) < 0)
        {
            place++;
        }

        return place;
    }
}
