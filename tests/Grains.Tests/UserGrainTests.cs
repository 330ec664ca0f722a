using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy.Sends;
using Actors.Policy.Users;

namespace Actors.Grains.Tests;

/// <summary>What one user's grain does, on either database.</summary>
public abstract class UserGrainTests<TDatabase>(Running<TDatabase> running) : IClassFixture<Running<TDatabase>>
    where TDatabase : IDatabase, new()
{
    private readonly long _business = Given.NewBusiness();

    private TestNode Node => running.Node;

    [Fact]
    public async Task An_accepted_send_is_in_the_inbox_and_in_the_events_after_a_restart()
    {
        var user = await Given.OptedInAsync(Node, _business);
        var reply = await Node.User(user).SendAsync(Given.Send(_business));
        Assert.Equal((SendOutcome.Accepted, 1), (reply.Outcome, reply.Message));

        await running.RestartAsync();
        var message = Assert.Single(await Node.User(user).InboxAsync(0, 10));
        Assert.Equal((1, _business, MessageStatus.Accepted), (message.Number, message.Business, message.Status));
        Assert.Equal(message.Number, (await Node.User(user).MessageAsync(1))!.Number);
        Assert.Null(await Node.User(user).MessageAsync(2));
        await Node.Ledger.WaitForEventsAsync(0, TestContext.Current.CancellationToken);
        var page = await Node.Reads.EventsAsync(_business, 0, 100);
        Assert.Contains(page.Events, e => e.User == user && e.Event is { Kind: EventKind.Accepted, Message: 1 });
    }

    [Fact]
    public async Task A_refused_send_says_why_and_leaves_nothing()
    {
        var user = Given.NewUser();
        var reply = await Node.User(user).SendAsync(Given.Send(_business));
        Assert.Equal((SendOutcome.Refused, Reason.NoRelation), (reply.Outcome, reply.Reason));
        Assert.Contains(reply.Trace, f => f.Reason == Reason.NoRelation);
        Assert.Equal(0, (await Node.User(user).ViewAsync()).Version);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_be_and_leaves_nothing()
    {
        var user = await Given.OptedInAsync(Node, _business);
        var reply = await Node.User(user).DryRunAsync(Given.Send(_business));
        Assert.Equal(SendOutcome.WouldAccept, reply.Outcome);
        Assert.NotEmpty(reply.Trace);
        Assert.Equal(1, (await Node.User(user).ViewAsync()).Version);
    }

    [Fact]
    public async Task What_changes_nothing_says_so()
    {
        var user = await Given.OptedInAsync(Node, _business);
        Assert.Equal(new ActionReply(null, true), await Node.User(user).BlockAsync(_business, ComplaintReason.Spam));
        Assert.Equal(new ActionReply(null, false), await Node.User(user).BlockAsync(_business, ComplaintReason.Spam));
        Assert.Equal(new ActionReply(null, true), await Node.User(user).UnblockAsync(_business));
    }

    [Fact]
    public async Task Every_opt_in_and_opt_out_is_in_the_users_view_with_its_proof()
    {
        var user = await Given.OptedInAsync(Node, _business);
        await Node.User(user).OptOutAsync(_business, Policy.Categories.Marketing, byUser: true);
        var view = await Node.User(user).ViewAsync();
        Assert.Equal(2, view.Version);
        Assert.Equal([(true, "yes, please"), (false, null)], view.Consents.Select(c => (c.Grant, c.Wording)));
        Assert.Equal([user, user], (await Node.Reads.ConsentsAsync(_business, 0, 10)).Select(c => c.User));
    }

    [Fact]
    public async Task The_users_own_message_opens_the_window_and_says_until_when()
    {
        var user = Given.NewUser();
        var reply = await Node.User(user).WriteAsync(Given.Says(_business, "hello", key: 5, body: 1));
        Assert.Equal((null, 1L, false), (reply.Refusal, reply.Message, reply.Replayed));
        Assert.NotNull(reply.WindowUntil);
        Assert.Equal(reply with { Replayed = true }, await Node.User(user).WriteAsync(Given.Says(_business, "hello", key: 5, body: 1)));
        Assert.Equal(ActionRefusal.KeyReused, (await Node.User(user).WriteAsync(Given.Says(_business, "other", key: 5, body: 2))).Refusal);
        Assert.Equal(SendOutcome.Accepted, (await Node.User(user).SendAsync(Given.Send(_business, Policy.Category.Service))).Outcome);
        Assert.Equal(new ActionReply(null, true), await Node.User(user).ReadByBusinessAsync(_business, 1));
    }

    [Fact]
    public async Task A_message_goes_from_delivered_to_read_and_takes_clicks_and_feedback()
    {
        var user = await Given.OptedInAsync(Node, _business);
        var grain = Node.User(user);
        var message = (await grain.SendAsync(Given.Send(_business, Policy.Category.Marketing))).Message;
        Assert.Equal(new ActionReply(null, true), await grain.AdvanceAsync(message, MessageStatus.Delivered));
        Assert.Equal(new ActionReply(null, false), await grain.AdvanceAsync(message, MessageStatus.Delivered));
        Assert.Equal(new ActionReply(null, true), await grain.AdvanceAsync(message, MessageStatus.Read));
        Assert.Equal(new ActionReply(null, true), await grain.ClickAsync(message, 1));
        Assert.Equal(new ActionReply(null, true), await grain.GiveFeedbackAsync(message, Feedback.Interested));
        Assert.Equal(new ActionReply(ActionRefusal.MessageUnknown, false), await grain.AdvanceAsync(99, MessageStatus.Read));
        var stored = await grain.MessageAsync(message);
        Assert.Equal((MessageStatus.Read, Feedback.Interested), (stored!.Status, stored.Feedback));
        Assert.NotNull(stored.ReadAt);
        Assert.Equal(new ActionReply(null, true), await grain.ReportAsync(_business, ComplaintReason.Spam, message, block: true));
        Assert.Equal(new ActionReply(ActionRefusal.MessageUnknown, false), await grain.ReportAsync(_business, ComplaintReason.Spam, 99, block: true));
    }

    [Fact]
    public async Task A_message_that_ends_undelivered_gives_its_place_back_unless_it_was_handed_out()
    {
        var grain = Node.User(await Given.OptedInAsync(Node, _business));
        var first = (await grain.SendAsync(Given.Send(_business, Policy.Category.Marketing))).Message;
        Assert.Equal(Reason.MarketingCap, (await grain.SendAsync(Given.Send(_business, Policy.Category.Marketing))).Reason);
        Assert.Equal(new ActionReply(null, true), await grain.FailAsync(first, handedOut: false));
        Assert.Equal(new ActionReply(null, false), await grain.FailAsync(first, handedOut: false));
        Assert.True(await grain.ExpireAsync(first));

        var second = (await grain.SendAsync(Given.Send(_business, Policy.Category.Marketing))).Message;
        Assert.Equal(new ActionReply(null, true), await grain.HandOutAsync([second]));
        Assert.False(await grain.ExpireAsync(second));
        Assert.Equal(new ActionReply(null, true), await grain.FailAsync(second, handedOut: false));
        await Node.ForgetAsync(grain);
        Assert.Equal(Reason.MarketingCap, (await grain.SendAsync(Given.Send(_business, Policy.Category.Marketing))).Reason);
        Assert.Equal(MessageStatus.Failed, (await grain.MessageAsync(first))!.Status);
        Assert.Empty(await grain.InboxAsync(0, 10));
        Assert.Equal(new ActionReply(ActionRefusal.MessageUnknown, false), await grain.FailAsync(99, handedOut: false));
        Assert.True(await grain.ExpireAsync(99));
        var state = (await grain.ViewAsync()).State;
        Assert.Equal((default(Outcomes), 0), (state.Outcomes, state.RelationWith(_business)!.Undelivered));
    }

    [Fact]
    public async Task Quiet_hours_are_those_of_a_zone_that_the_node_knows()
    {
        var grain = Node.User(await Given.OptedInAsync(Node, _business));
        var utc = (int)(Node.Ledger.Clock.Now.Milliseconds / 60_000 % QuietHours.DayMinutes);
        Assert.Equal(new ActionReply(ActionRefusal.TimeZoneUnknown, false), await grain.SetPreferencesAsync(Around(utc, "Europe/Atlantis")));
        Assert.Equal(new ActionReply(ActionRefusal.TimeZoneUnknown, false), await grain.SetPreferencesAsync(Around(utc, "localtime")));
        Assert.Equal(Reason.QuietHours, await SetAsync(utc, "UTC"));
        Assert.Null(await SetAsync(utc + 720, "UTC"));
        Assert.Null(await SetAsync(utc, "Asia/Kathmandu"));
        Assert.Equal(Reason.QuietHours, await SetAsync(utc + 345, "Asia/Kathmandu"));
        await Node.ForgetAsync(grain);
        Assert.Equal("Asia/Kathmandu", (await grain.ViewAsync()).State.Preferences.QuietHours!.TimeZone);

        static Preferences Around(int minute, string zone) =>
            Preferences.Default with { QuietHours = new QuietHours((minute + 1_380) % 1_440, (minute + 60) % 1_440, zone) };

        async Task<Reason?> SetAsync(int minute, string zone)
        {
            Assert.Equal(new ActionReply(null, true), await grain.SetPreferencesAsync(Around(minute, zone)));
            return (await grain.DryRunAsync(Given.Send(_business, Policy.Category.Marketing))).Reason;
        }
    }

    [Fact]
    public async Task Preferences_devices_and_the_businesss_own_block_list_are_kept()
    {
        var user = Given.NewUser();
        var grain = Node.User(user);
        Assert.Equal(new ActionReply(null, true), await grain.AddDeviceAsync("phone"));
        Assert.Equal(new ActionReply(null, true), await grain.SetPreferencesAsync(new Preferences(true, false, ["de"])));
        Assert.Equal(new ActionReply(ActionRefusal.NoRecentMessage, false), await grain.SetBusinessBlockAsync(_business, true));
        await grain.WriteAsync(Given.Says(_business, "hello"));
        Assert.Equal(new ActionReply(null, true), await grain.SetBusinessBlockAsync(_business, true));
        await Node.ForgetAsync(grain);
        var view = await grain.ViewAsync();
        Assert.Equal("phone", Assert.Single(view.State.Devices).Name);
        Assert.False(view.State.Preferences.Marketing);
        Assert.Equal(new ActionReply(null, true), await grain.RemoveDeviceAsync("phone"));
        Assert.Equal(new ActionReply(ActionRefusal.DeviceUnknown, false), await grain.RemoveDeviceAsync("phone"));
    }

    [Fact]
    public async Task A_send_admitted_under_a_moved_epoch_is_stale_and_leaves_nothing()
    {
        var user = await Given.OptedInAsync(Node, _business);
        await Node.Business(_business).RegisterAsync(Given.Registration(_business), "operator:ann");
        var old = await Node.Business(_business).LeaseAsync(null);
        await Node.Business(_business).RevokeTokensAsync("operator:ann");
        Assert.Equal(SendOutcome.Stale, (await Node.User(user).SendAsync(Given.Send(_business, epoch: old!.Epoch))).Outcome);
        var renewed = await Node.Business(_business).LeaseAsync(null);
        Assert.Equal(1, (await Node.User(user).SendAsync(Given.Send(_business, epoch: renewed!.Epoch))).Message);
    }
}

public sealed class UserGrainOnSqliteTests(Running<SqliteDatabase> running) : UserGrainTests<SqliteDatabase>(running);

public sealed class UserGrainOnPostgresTests(Running<PostgresDatabase> running) : UserGrainTests<PostgresDatabase>(running);
