using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Actors.Contracts;
using Actors.Grains.Tests.Contracts;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Templates;
using CsCheck;

namespace Actors.Grains.Tests;

/// <summary>The stored form of businesses and templates. A sample, once stored, is never changed: it is what some database holds.</summary>
public sealed class GrainStateTests
{
    private readonly GrainStateSerializer _serializer = new();

    [Fact]
    public void A_business_stored_in_version_1_can_be_read()
    {
        var state = Read<BusinessState>("business.v1.json");
        Assert.Equal(("Bäckerei", "DE", "https://bakery.example"), (state.Registration!.Name, state.Registration.Country, state.Registration.Website));
        Assert.Equal([new BusinessNumber(2_000_000_001_000_000, 4_930_123_456)], state.Registration.Numbers);
        Assert.Equal(("We bake.", "RETAIL"), (state.Profile.About, state.Profile.Vertical));
        Assert.Equal(["https://a.example", "https://b.example"], state.Profile.Websites!.Value);
        Assert.Equal((Verification.Verified, true, BusinessStatus.Locked), (state.Verification, state.Official, state.Status));
        Assert.Equal((new Instant(1_790_000_000_000), 3, 2, 7), (state.TermsAcceptedAt, state.TokenEpoch, state.Templates, state.Version));
        var change = Assert.Single(state.Outbox);
        Assert.Equal(("business/1000000001000000", 7, true), (change.Source, change.Version, change.MovesEpoch));
        Assert.Equal(
            (1, 1, 1, "operator:ann"), (change.Events.Length, change.Audit.Length, change.Directory.Length, change.Audit[0].Actor));
    }

    [Fact]
    public void A_business_stored_in_version_2_has_its_conduct_and_limit()
    {
        var state = Read<BusinessState>("business.v2.json");
        Assert.Equal(new LimitState(LimitTier.Third, new Instant(1_790_000_000_002)), state.Limit);
        var conduct = state.Conduct!;
        Assert.Equal((QualityBand.Yellow, new Instant(1_790_000_000_003)), (conduct.Band, conduct.BandSince));
        Assert.Equal((1_234.5, 67.25, 2_000), (conduct.Counts.Delivered, conduct.Counts.NegativeTenths, conduct.Counts.DeliveredInLife));
        Assert.Equal((12, 3), (conduct.Counts.Blocks.Count, conduct.Counts.Reports.Users.Length));
        Assert.Equal([1, 0, 2], conduct.ReportsByMinute.Counts);
        Assert.Equal((new Instant(5), new Instant(6)), (conduct.NearRedToldAt, conduct.NearStrikeToldAt));
        var enforcement = conduct.Enforcement;
        Assert.Equal([StrikeCause.SustainedRed, StrikeCause.Violation], enforcement.Strikes.Select(s => s.Cause));
        Assert.Equal(new Appeal(new Instant(8), "not us", AppealStatus.Upheld, new Instant(9), "seen"), enforcement.Strikes[1].Appeal);
        Assert.Equal((new Unlock(new Instant(7), 1), new Instant(10)), (Assert.Single(enforcement.Unlocks), enforcement.LockedAt));
    }

    [Fact]
    public void What_came_by_which_template_can_be_read_and_may_be_missing()
    {
        var share = Assert.Single(Read<BusinessState>("business.v2-templates.json").Conduct!.Templates!.Shares);
        Assert.Equal((3_000_000_001_000_000, 1_234.5), (share.Template, share.Counts.Delivered));
        Assert.Null(Read<BusinessState>("business.v2.json").Conduct!.Templates);
    }

    [Fact]
    public void A_template_stored_in_version_1_can_be_read()
    {
        var state = Read<TemplateState>("template.v1.json");
        Assert.Equal((new Instant(1_790_000_000_000), 4), (state.DeletedAt, state.Version));
        var language = Assert.Single(state.Languages);
        Assert.True(language.WasApproved);
        var view = language.View;
        Assert.Equal((3_000_000_001_000_000, TemplateStatus.Rejected, "SCAM"), (view.Id, view.Status, view.RejectedReason));
        Assert.Equal(
            (Category.Utility, Category.Marketing, ParameterFormat.Named),
            (view.RequestedCategory, view.Content.Category, view.Content.ParameterFormat));
        Assert.Equal(new TemplateHeader(HeaderFormat.Text, "Hi {{who}}", "who=Ann"), view.Content.Header);
        Assert.Equal([new TemplateButton(ButtonType.Url, "Look", "https://a.example/{{1}}", null, "x")], view.Content.Buttons);
        Assert.Equal("""[{"type":"BODY"}]""", Encoding.UTF8.GetString(view.Components.Span));
        Assert.Equal([new LintFinding(0, "components[0]", "Perhaps promotional.", false)], view.Remarks);
    }

    [Fact]
    public void What_a_business_was_shown_and_told_can_be_read_and_may_be_missing()
    {
        var conduct = Read<BusinessState>("business.v2-steps.json").Conduct!;
        Assert.Equal((200.5, 11L), (conduct.Counts.ShownTenths, conduct.Counts.Reports.ShownCount));
        Assert.Equal((new HiddenSignals(2, 39.5), 2), (conduct.Counts.Reports.Hidden, conduct.Counts.Reports.Users.Length));
        Assert.Equal(190.5, Assert.Single(conduct.Templates!.Shown).Counts.ShownTenths);
        Assert.Equal(new ToldStanding(3, Restriction.NoMarketing), conduct.Told);
        var old = Read<BusinessState>("business.v2.json").Conduct!;
        Assert.Equal((null, null, null, null), (old.Told, old.Counts.ShownTenths, old.Counts.Blocks.Hidden, old.Counts.Blocks.ShownCount));
    }

    [Fact]
    public void A_templates_pause_can_be_read_and_from_when_on_it_counts()
    {
        var conduct = Assert.Single(Read<TemplateState>("template.v2-pause.json").Languages).Conduct!;
        Assert.Equal((QualityBand.Red, 2, new Instant(1_790_000_000_009)), (conduct.Band, conduct.Pauses, conduct.PausedUntil));
        Assert.Equal((new Instant(1_790_000_000_008), 20), (conduct.CountsFrom, conduct.Counts.DeliveredInLife));
    }

    [Fact]
    public void What_the_shadow_policy_would_have_made_of_them_can_be_read_and_may_be_missing()
    {
        var business = Read<BusinessState>("business.v2-tried.json");
        Assert.Equal((new Instant(1_790_000_000_077), QualityBand.Red), (business.Tried!.SetAt, business.Tried.Conduct.Band));
        Assert.Equal(new LimitState(LimitTier.Second, new Instant(1_790_000_000_078)), business.Tried.Limit);
        var language = Assert.Single(Read<TemplateState>("template.v2-tried.json").Languages);
        Assert.Equal((new Instant(1_790_000_000_077), true, false), (language.Tried!.SetAt, language.Tried.Conduct.Disabled, language.Conduct!.Disabled));
        Assert.Null(Read<BusinessState>("business.v2.json").Tried);
        Assert.Null(Assert.Single(Read<TemplateState>("template.v2-pause.json").Languages).Tried);
    }

    [Theory]
    [InlineData("business.v1.json")]
    [InlineData("business.v2.json")]
    [InlineData("business.v2-templates.json")]
    [InlineData("business.v2-steps.json")]
    [InlineData("business.v2-tried.json")]
    [InlineData("template.v1.json")]
    [InlineData("template.v2-pause.json")]
    [InlineData("template.v2-tried.json")]
    public void What_is_read_is_written_as_it_was(string sample)
    {
        var written = sample.StartsWith("business", StringComparison.Ordinal)
            ? _serializer.Serialize(Read<BusinessState>(sample))
            : _serializer.Serialize(Read<TemplateState>(sample));
        var (before, after) = (JsonNode.Parse(Sample(sample))!, JsonNode.Parse(written.ToMemory().Span)!);
        Assert.True(JsonNode.DeepEquals(before["state"], after["state"]), written.ToString());
        Assert.Equal(GrainStateSerializer.Version, (int)after["v"]!);
    }

    [Fact]
    public void Any_state_comes_back_as_it_was() => Gen.Int.Sample(seed =>
    {
        SameAfterwards((BusinessState)WireTypes.Make(typeof(BusinessState), new Random(seed))!);
        SameAfterwards((TemplateState)WireTypes.Make(typeof(TemplateState), new Random(seed))!);
        SameAfterwards((ShadowState)WireTypes.Make(typeof(ShadowState), new Random(seed))!);
    });

    [Theory]
    [InlineData("""{"v":3,"state":{}}""")]
    [InlineData("""{"v":0,"state":{}}""")]
    [InlineData("""{"state":{}}""")]
    [InlineData("""{"v":1,"state":null}""")]
    [InlineData("null")]
    public void An_unknown_version_is_refused(string stored) =>
        Assert.Throws<InvalidDataException>(() => _serializer.Deserialize<BusinessState>(BinaryData.FromString(stored)));

    [Fact]
    public void What_is_no_json_is_refused() =>
        Assert.Throws<JsonException>(() => _serializer.Deserialize<BusinessState>(BinaryData.FromString("{")));

    private void SameAfterwards<T>(T state) =>
        Assert.Equal(JsonSerializer.Serialize(state), JsonSerializer.Serialize(_serializer.Deserialize<T>(_serializer.Serialize(state))));

    private T Read<T>(string sample) => _serializer.Deserialize<T>(BinaryData.FromBytes(Sample(sample)));

    private static byte[] Sample(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples", name));
}
