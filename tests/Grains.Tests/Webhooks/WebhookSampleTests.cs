using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>Each update against its stored sample, member by member and in order. Receivers are built to these shapes.</summary>
public sealed class WebhookSampleTests
{
    private static readonly JsonSerializerOptions _readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<string, (LedgerEvent Line, Action<KeptMessages>? Keep)> _cases = new()
    {
        ["status-sent"] = (Told.Of(EventKind.Accepted, Category.Marketing), rows => rows.With(Told.User, 5, callbackData: "order 4711 \u00e4\u2713")),
        ["status-sent-in-window"] = (Told.Of(EventKind.Accepted, Category.Utility, inWindow: true), rows => rows.With(Told.User, 5)),
        ["status-sent-service"] = (Told.Of(EventKind.Accepted, Category.Service, inWindow: true), null),
        ["status-delivered"] = (Told.Of(EventKind.Delivered, Category.Authentication), rows => rows.With(Told.User, 5, callbackData: "x")),
        ["status-delivered-in-window"] = (Told.Of(EventKind.Delivered, Category.Utility), rows => rows.With(Told.User, 5, explanation: InWindow())),
        ["status-delivered-and-gone"] = (Told.Of(EventKind.Delivered, Category.Utility), null),
        ["status-read"] = (Told.Of(EventKind.Read, Category.Utility), rows => rows.With(Told.User, 5, callbackData: "x")),
        ["status-failed"] = (Told.Of(EventKind.Failed, Category.Utility), rows => rows.With(Told.User, 5)),
        ["status-failed-locked"] = (
            Told.Of(EventKind.Failed, Category.Utility, detail: (byte)(((int)FailureCause.BusinessLocked << 1) | 1)), rows => rows.With(Told.User, 5)),
        ["status-expired"] = (Told.Of(EventKind.Expired, Category.Marketing, detail: 1), rows => rows.With(Told.User, 5, callbackData: "x")),

        ["inbound-text"] = Inbound("""{"type":"text","text":{"body":"Is it ready? \u00e4\u2713 \ud83d\ude00 <&>"}}"""),
        ["inbound-text-answer"] = Inbound($$$"""{"type":"text","text":{"body":"Yes"},{{{Answer3}}}}""", Has3),
        ["inbound-text-answer-to-own"] = Inbound(
            $$$"""{"type":"text","text":{"body":"I mean this"},"context":{"message_id":"{{{Told.Id(4)}}}"}}""", rows => rows.With(Told.User, 4, "{}")),
        ["inbound-button"] = Inbound(
            $$$"""{"type":"button","button":{"text":"Stop","payload":"stop-promotions"},{{{Answer3}}}}""",
            Has3),
        ["inbound-button-without-payload"] = Inbound("""{"type":"button","button":{"text":"Stop"}}"""),
        ["inbound-button-reply"] = Inbound(
            $$$"""{"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"yes","title":"Yes"}},{{{Answer3}}}}""",
            Has3),
        ["inbound-list-reply"] = Inbound(
            """{"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"row-2","title":"Tuesday","description":"10 to 12"}}}"""),
        ["inbound-reaction"] = Inbound($$$"""{"type":"reaction","reaction":{"message_id":"{{{Told.Id(3)}}}","emoji":"\ud83d\udc4d"}}"""),
        ["inbound-reaction-taken-back"] = Inbound($$$"""{"type":"reaction","reaction":{"message_id":"{{{Told.Id(3)}}}","emoji":""}}"""),
        ["inbound-image"] = Inbound("""{"type":"image","image":{"link":"https://pictures.example/1.jpg","caption":"This one"}}"""),
        ["inbound-document"] = Inbound("""{"type":"document","document":{"link":"https://files.example/1.pdf","filename":"bill.pdf"}}"""),
        ["inbound-location"] = Inbound("""{"type":"location","location":{"latitude":48.137,"longitude":11.575,"name":"Marienplatz"}}"""),
        ["inbound-gone"] = (Told.Of(EventKind.Inbound), null),

        ["preferences-stop"] = (Told.Consent(EventKind.Stopped), null),
        ["preferences-stop-by-message"] = (
            Told.Consent(EventKind.Stopped) is var stop ? stop with { Event = stop.Event with { PhoneNumber = Ids.PhoneNumber(Told.Business, 1) } } : stop,
            null),
        ["preferences-resume"] = (Told.Consent(EventKind.Resumed), null),
        ["preferences-opted-out"] = (Told.Consent(EventKind.OptedOut, Categories.All), null),
        ["preferences-opted-in"] = (Told.Consent(EventKind.OptedIn, Categories.Utility | Categories.Marketing), null),

        ["template-approved"] = Template(new TemplateText("order_ready", "en_US", "APPROVED", null, "UTILITY", "template_approved")),
        ["template-rejected"] = Template(new TemplateText("order_ready", "en_US", "REJECTED", "PROMOTIONAL", "UTILITY", "template_rejected")),
        ["template-rejected-in-words"] = Template(
            new TemplateText("order_ready", "en_US", "REJECTED", "It imitates a bank.", "UTILITY", "template_rejected")),
        ["template-paused"] = Template(
            new TemplateText("spring", "de", "PAUSED", null, "MARKETING", "template_paused", 1, "2026-10-01T12:00:00.000Z")),
        ["template-paused-again"] = Template(
            new TemplateText("spring", "de", "PAUSED", null, "MARKETING", "template_paused", 2, "2026-10-01T12:00:00.000Z")),
        ["template-unpaused"] = Template(new TemplateText("spring", "de", "APPROVED", null, "MARKETING", "template_unpaused")),
        ["template-disabled"] = Template(new TemplateText("spring", "de", "DISABLED", null, "MARKETING", "template_disabled")),
        ["template-stopped"] = Template(new TemplateText("spring", "de", "DISABLED", "It imitates a bank.", "MARKETING", "template_stopped")),
        ["template-deleted"] = Template(new TemplateText("spring", "de", "DELETED", null, "MARKETING", "template_deleted")),
        ["template-of-an-older-build"] = Template(new TemplateText("spring", "de", "APPROVED", null)),
        ["template-quality"] = (
            Told.Of(
                EventKind.QualityChanged, new("GREEN", "YELLOW", "spring", "de"), GrainsJson.Default.QualityText, Ids.Template(Told.Business, 2)),
            null),

        ["number-flagged"] = (Told.Of(QualityText.OfBusiness(QualityBand.Yellow, QualityBand.Red, LimitTier.Third, Told.At)), null),
        ["number-unflagged"] = (Told.Of(QualityText.OfBusiness(QualityBand.Red, QualityBand.Yellow, LimitTier.Third, Told.At)), null),
        ["number-flagged-another"] = (
            Told.Of(QualityText.OfBusiness(QualityBand.Yellow, QualityBand.Red, LimitTier.Third, Told.At, "2000000007000001")), null),
        ["number-quality"] = (Told.Of(QualityText.OfBusiness(QualityBand.Unknown, QualityBand.Green, LimitTier.First, Told.At)), null),
        ["number-throughput-upgrade"] = (
            Told.Of(ConductText.ThroughputChanged(ThroughputLevel.Standard, ThroughputLevel.High, LimitTier.Fourth, Told.At, [null])[0]), null),
        ["number-throughput-downgrade"] = (
            Told.Of(ConductText.ThroughputChanged(ThroughputLevel.High, ThroughputLevel.Standard, LimitTier.Second, Told.At, [null])[0]), null),

        ["account-verified"] = (
            Told.Of(
                EventKind.BusinessChanged,
                new("Bakery", "ACTIVE", "verified", false, BusinessState.VerifiedAction),
                GrainsJson.Default.BusinessText),
            null),
        ["account-warned"] = Enforced(EnforcementAct.Struck, 1, Restriction.Warning, StrikeCause.SustainedRed),
        ["account-no-marketing"] = Enforced(EnforcementAct.Struck, 2, Restriction.NoMarketing, StrikeCause.ReportBurst),
        ["account-window-only"] = Enforced(EnforcementAct.Violation, 4, Restriction.WindowOnly, StrikeCause.Violation),
        ["account-nothing"] = Enforced(EnforcementAct.Struck, 5, Restriction.Nothing, StrikeCause.SustainedRed),
        ["account-locked-by-strike"] = Enforced(EnforcementAct.Struck, 6, Restriction.Locked, StrikeCause.SustainedRed),
        ["account-locked"] = Enforced(EnforcementAct.Locked, 0, Restriction.Locked, null),
        ["account-unlocked"] = Enforced(EnforcementAct.Unlocked, 0, Restriction.None, null),
        ["account-strike-reversed"] = Enforced(EnforcementAct.AppealReversed, 0, Restriction.None, StrikeCause.SustainedRed),
        ["alert-near-red"] = (Told.Of(ConductText.Warned("red", Told.At)), null),
        ["alert-near-strike"] = (Told.Of(ConductText.Warned("strike", Told.At)), null),
        ["capability-raised"] = (Told.Of(ConductText.LimitChanged(LimitTier.First, LimitTier.Second, 6_000, Told.At)), null),
        ["capability-unlimited"] = (Told.Of(ConductText.LimitChanged(LimitTier.Fourth, LimitTier.Unlimited, 6_000, Told.At)), null),
    };

    public static TheoryData<string> Names => [.. _cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_update_looks_like_its_sample(string name)
    {
        var (line, keep) = _cases[name];
        var value = (await Told.OneAsync(line, keep)).ToJsonString(_readable);

        var sample = Path.Combine(AppContext.BaseDirectory, "Samples", "webhooks", name + ".json");
        if (!File.Exists(sample))
        {
            await File.WriteAllTextAsync(sample + ".new", value + "\n", TestContext.Current.CancellationToken);
            Assert.Fail($"There is no sample yet. What came is in {sample}.new: look at it, and keep it among the samples.");
        }

        var expected = JsonNode.Parse(await File.ReadAllTextAsync(sample, TestContext.Current.CancellationToken))!;
        Assert.Equal(expected.ToJsonString(_readable), value);
    }

    private static string Answer3 => $$"""
        "context":{"message_id":"{{Told.Id(3)}}"}
        """;

    private static (LedgerEvent, Action<KeptMessages>?) Inbound(string content, Action<KeptMessages>? keep = null)
    {
        return (Told.Of(EventKind.Inbound), Keep);

        void Keep(KeptMessages rows)
        {
            rows.With(Told.User, 5, content);
            keep?.Invoke(rows);
        }
    }

    /// <summary>The message that is answered.</summary>
    private static void Has3(KeptMessages rows) => rows.With(Told.User, 3, direction: Direction.ToUser);

    private static (LedgerEvent, Action<KeptMessages>?) Template(TemplateText text) =>
        (Told.Of(EventKind.TemplateChanged, text, GrainsJson.Default.TemplateText, Ids.Template(Told.Business, 2)), null);

    private static (LedgerEvent, Action<KeptMessages>?) Enforced(EnforcementAct act, int tier, Restriction restriction, StrikeCause? cause)
    {
        var isEnding = restriction is not (Restriction.None or Restriction.Locked);
        var standing = new Standing(tier, restriction, isEnding ? Told.At + TimeSpan.FromDays(7) : null, null);
        var strike = cause is { } why ? new Strike(1, why, Told.At, ConductText.ViolationNote("scam", "sold what it hasn't got: twice")) : null;
        return (Told.Of(ConductText.Enforced(act, standing, strike, Told.At)), null);
    }

    /// <summary>The explanation of a send inside a window: version 2, the window, the policy's version, from when and how long.</summary>
    private static byte[] InWindow() => [2, 1, 1, 0, 0, 0, 0, 0, 1, 10];
}
