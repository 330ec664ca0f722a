using System.Collections.Frozen;
using Actors.Contracts;
using Actors.Grains.Webhooks;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>Which events are told, and what each field is told of.</summary>
public sealed class WebhookUpdateTests
{
    /// <summary>Every kind of event: the field that it is told in, or why it isn't.</summary>
    private static readonly FrozenDictionary<EventKind, (string? Field, string Why)> _decided = new Dictionary<EventKind, (string? Field, string Why)>
    {
        [EventKind.Accepted] = (WebhookFields.Messages, "sent"),
        [EventKind.Delivered] = (WebhookFields.Messages, "delivered"),
        [EventKind.Read] = (WebhookFields.Messages, "read"),
        [EventKind.Failed] = (WebhookFields.Messages, "failed"),
        [EventKind.Expired] = (WebhookFields.Messages, "failed with 131026"),
        [EventKind.Inbound] = (WebhookFields.Messages, "the message"),
        [EventKind.OptedIn] = (WebhookFields.UserPreferences, "resume; not what the business imported itself"),
        [EventKind.OptedOut] = (WebhookFields.UserPreferences, "stop; not what the business withdrew itself"),
        [EventKind.Stopped] = (WebhookFields.UserPreferences, "stop"),
        [EventKind.Resumed] = (WebhookFields.UserPreferences, "resume"),
        [EventKind.Blocked] = (null, "never shown person by person"),
        [EventKind.Unblocked] = (null, "never shown person by person"),
        [EventKind.Reported] = (null, "never shown person by person"),
        [EventKind.FeedbackGiven] = (null, "never shown person by person"),
        [EventKind.Clicked] = (null, "the Cloud API has no webhook for it; a quick reply is an inbound message"),
        [EventKind.PreferencesChanged] = (null, "of no business"),
        [EventKind.DeviceChanged] = (null, "of no business"),
        [EventKind.BlockListChanged] = (null, "the business's own act"),
        [EventKind.ReadByBusiness] = (null, "the business's own act"),
        [EventKind.BusinessChanged] = (null, "only verification: see the sample account-verified"),
        [EventKind.TemplateChanged] = (WebhookFields.TemplateStatus, "status"),
        [EventKind.QualityChanged] = (WebhookFields.NumberQuality, "of a template: message_template_quality_update"),
        [EventKind.Restricted] = (WebhookFields.Account, "restriction, lock"),
        [EventKind.RestrictionLifted] = (WebhookFields.Account, "what is left of it"),
        [EventKind.AppealChanged] = (null, "no field has appeals; a reversal lifts a restriction"),
        [EventKind.EarlyWarning] = (WebhookFields.Alerts, "alert"),
        [EventKind.LimitChanged] = (WebhookFields.Capability, "limit, templates"),
        [EventKind.ThroughputChanged] = (WebhookFields.NumberQuality, "level"),
    }.ToFrozenDictionary();

    [Fact]
    public void Every_kind_of_event_is_decided()
    {
        Assert.Equal(Enum.GetValues<EventKind>().Order(), _decided.Keys.Order());
        Assert.All(_decided, one => Assert.Equal(one.Value.Field, WebhookUpdates.FieldOf(Line(one.Key))));
        Assert.Equal(WebhookFields.TemplateQuality, WebhookUpdates.FieldOf(Line(EventKind.QualityChanged, template: 7)));
    }

    [Fact]
    public async Task Exactly_the_events_that_have_a_field_have_an_update_in_their_order()
    {
        var (store, rows) = KeptMessages.New();
        LedgerEvent[] page = [.. Enum.GetValues<EventKind>().Select((kind, place) => Line(kind, seq: 100 + place))];

        var updates = await Told.ReadAsync(store, page);

        Assert.Equal(
            page.Where(line => WebhookUpdates.FieldOf(line) is not null).Select(line => (line.Seq, WebhookUpdates.FieldOf(line)!)),
            updates.Select(update => (update.Seq, update.Field)));
        Assert.Equal(1, rows.Reads);
        Assert.Empty(await Told.ReadAsync(store));
        Assert.Equal(1, rows.Reads);
    }

    [Fact]
    public async Task A_page_reads_its_messages_at_once_and_once_more_what_they_answer()
    {
        var (store, rows) = KeptMessages.New();
        rows.With(Told.User, 5, $$$"""{"type":"text","text":{"body":"a"},"context":{"message_id":"{{{Told.Id(3)}}}"}}""");
        rows.With(Told.User, 3, direction: Direction.ToUser);

        await Told.ReadAsync(store, [.. Enumerable.Repeat(Told.Of(EventKind.Inbound), 500), .. Enumerable.Repeat(Told.Of(EventKind.Read), 500)]);

        Assert.Equal(2, rows.Reads);
    }

    [Theory]
    [InlineData(ConsentActor.User)]
    [InlineData(ConsentActor.UserWord)]
    [InlineData(ConsentActor.UserBlock)]
    public async Task A_block_can_not_be_told_from_an_opt_out_by_call(ConsentActor by)
    {
        var called = await Told.OneAsync(Told.Consent(EventKind.OptedOut, Categories.All));

        Assert.Equal(called.ToJsonString(), (await Told.OneAsync(Told.Consent(EventKind.OptedOut, Categories.All, by))).ToJsonString());
    }

    [Fact]
    public void What_a_business_did_itself_is_not_told_to_it()
    {
        Assert.Null(WebhookUpdates.FieldOf(Told.Consent(EventKind.OptedIn, Categories.All, ConsentActor.Business)));
        Assert.Null(WebhookUpdates.FieldOf(Told.Consent(EventKind.OptedOut, Categories.All, ConsentActor.Business)));
    }

    [Fact]
    public async Task An_answer_to_another_business_is_told_without_what_it_answers()
    {
        var value = await Told.OneAsync(Told.Of(EventKind.Inbound), rows => rows
            .With(Told.User, 5, $$$"""{"type":"text","text":{"body":"a"},"context":{"message_id":"{{{Told.Id(3)}}}"}}""")
            .With(Told.User, 3, direction: Direction.ToUser, business: Ids.Business(8)));

        Assert.Null(value["messages"]![0]!["context"]);
    }

    private static LedgerEvent Line(EventKind kind, long template = 0, long seq = 1) => new(
        seq,
        kind >= EventKind.BusinessChanged ? 0 : Told.User,
        new UserEvent(
            kind,
            Told.At,
            Told.Business,
            kind is <= EventKind.Inbound or EventKind.Clicked ? 5 : 0,
            Ids.PhoneNumber(Told.Business, 1),
            template,
            Categories: Categories.Marketing),
        kind >= EventKind.BusinessChanged ? "{}" : null);
}
