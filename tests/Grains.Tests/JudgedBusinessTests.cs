using System.Text.Json;
using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Grains.Tests;

/// <summary>What judging a business tells the ledger, and what a business is shown of its quality.</summary>
public sealed class JudgedBusinessTests
{
    private static readonly PolicyNumbers Numbers = PolicyNumbers.Default;
    private static readonly Instant Now = new(1_790_000_000_000 / 3_600_000 * 3_600_000);
    private static readonly long Business = Given.NewBusiness();

    private static BusinessState With(int delivered, int blocks, Conduct? conduct = null, Instant? at = null)
    {
        conduct ??= new Conduct();
        conduct = delivered == 0 ? conduct : conduct.Deliver(at ?? Now, Numbers, delivered);
        for (var user = 0; user < blocks; user++)
        {
            conduct = conduct.Signal(NegativeSignal.Block, user, at ?? Now, Numbers);
        }

        return new BusinessState { Registration = Given.Registration(Business), Conduct = conduct };
    }

    [Fact]
    public void A_change_of_band_is_told_once()
    {
        var judged = JudgedBusiness.Of(With(60, 2), Numbers, Now);
        Assert.Equal((EventKind.QualityChanged, """{"from":"UNKNOWN","to":"YELLOW","limit":"250"}"""), (judged.Events[0].Kind, judged.Events[0].Text));
        Assert.Equal((QualityBand.Yellow, false), (judged.State.ConductSoFar.Band, judged.MovesEpoch));
        var again = JudgedBusiness.Of(judged.State, Numbers, Now);
        Assert.Empty(again.Events);
        Assert.Null(again.ToChange(Business, Now));
        Assert.Equal(judged.State, again.State);
    }

    [Fact]
    public void A_strike_of_the_platform_restricts_and_stands_in_the_audit()
    {
        var tomorrow = Now + TimeSpan.FromDays(1);
        var red = JudgedBusiness.Of(With(200, 150), Numbers, Now).State;
        var once = red.ConductSoFar with { Enforcement = Enforcement.Strike(new EnforcementState(), StrikeCause.Violation, "", Now - TimeSpan.FromDays(2)) };
        var judged = JudgedBusiness.Of(With(130, 100, once, Now + TimeSpan.FromHours(1)) with { Version = 4 }, Numbers, tomorrow);
        Assert.True(judged.MovesEpoch);
        Assert.Equal(Restriction.NoMarketing, judged.State.StandingAt(Numbers, tomorrow).Restriction);
        var change = judged.ToChange(Business, tomorrow)!;
        Assert.Equal((5, true, "platform", "business_struck"), (change.Version, change.MovesEpoch, change.Audit[0].Actor, change.Audit[0].Action));
        Assert.Equal([EventKind.Restricted], change.Events.Select(e => e.Kind));
    }

    [Fact]
    public void What_ends_by_itself_is_told_once_and_stands_in_the_audit()
    {
        var struck = new EnforcementState();
        for (var strike = 0; strike < 3; strike++)
        {
            struck = Enforcement.Strike(struck, StrikeCause.Violation, "", Now);
        }

        // What was told before this was kept is not told again.
        var state = JudgedBusiness.Of(With(0, 0, new Conduct { Enforcement = struck }), Numbers, Now).State;
        Assert.Equal(new ToldStanding(3, Restriction.NoMarketing), state.Conduct!.Told);
        var end = Now + TimeSpan.FromDays(3);
        Assert.Equal((0, state), Told(end - TimeSpan.FromMilliseconds(1)));

        var ended = JudgedBusiness.Of(state, Numbers, end);
        Assert.Equal("""{"act":"restriction_ended","tier":3,"restriction":"none"}""", Assert.Single(ended.Events).Text);
        Assert.Equal(EventKind.RestrictionLifted, ended.Events[0].Kind);
        Assert.False(ended.MovesEpoch);
        var audit = Assert.Single(ended.ToChange(Business, end)!.Audit);
        Assert.Equal(("platform", "restriction_ended", "no_marketing to none"), (audit.Actor, audit.Action, audit.Note));
        state = ended.State;
        Assert.Equal((0, state), Told(end));

        // Each decay that passed meanwhile.
        var fallen = JudgedBusiness.Of(state, Numbers, Now + TimeSpan.FromDays(180));
        Assert.Equal("""{"act":"tier_fell","tier":1,"restriction":"none"}""", Assert.Single(fallen.Events).Text);
        Assert.Equal([("tier_fell", "3 to 1")], fallen.Notes);

        // A strike on top of an end: first the end, then the strike.
        var day = Now + TimeSpan.FromDays(269);
        var badly = With(200, 150, fallen.State.Conduct, day + TimeSpan.FromHours(1)).Conduct!;
        var red = fallen.State with { Conduct = badly with { Band = QualityBand.Red, BandSince = day } };
        var both = JudgedBusiness.Of(red, Numbers, day + TimeSpan.FromDays(1));
        Assert.Equal([("tier_fell", "1 to 0"), ("business_struck", both.Notes[1].Note)], both.Notes);
        Assert.Equal([EventKind.RestrictionLifted, EventKind.Restricted], both.Events.Select(told => told.Kind));
        Assert.Equal(new ToldStanding(1, Restriction.Warning), both.State.Conduct!.Told);

        (int Events, BusinessState State) Told(Instant at)
        {
            var judged = JudgedBusiness.Of(state, Numbers, at);
            return (judged.Events.Length, judged.State);
        }
    }

    [Fact]
    public void Near_red_and_near_a_strike_are_told_once_a_day_and_stand_in_the_audit()
    {
        // 60 delivered, two blocks: yellow at 72. Some more: just above red.
        var yellow = JudgedBusiness.Of(With(60, 2), Numbers, Now).State;
        Assert.DoesNotContain(JudgedBusiness.Of(yellow, Numbers, Now).Events, told => told.Kind == EventKind.EarlyWarning);
        var near = JudgedBusiness.Of(With(0, 3, yellow.Conduct), Numbers, Now);
        Assert.InRange(Quality.TermsAt(near.State.Conduct!.Counts, Numbers.Quality, Now).Score, 50, 55);
        Assert.Equal((EventKind.EarlyWarning, """{"near":"red"}"""), (Assert.Single(near.Events).Kind, near.Events[0].Text));
        Assert.Equal([("early_warning", "near red")], near.Notes);
        Assert.False(near.MovesEpoch);
        Assert.Empty(JudgedBusiness.Of(near.State, Numbers, Now).Events);

        // Half of the time red, with half of what a strike takes.
        var red = JudgedBusiness.Of(With(200, 150), Numbers, Now).State;
        Assert.Empty(JudgedBusiness.Of(red, Numbers, Now + TimeSpan.FromHours(12) - TimeSpan.FromMilliseconds(1)).Events);
        var strike = JudgedBusiness.Of(red, Numbers, Now + TimeSpan.FromHours(12));
        Assert.Equal((EventKind.EarlyWarning, """{"near":"strike"}"""), (Assert.Single(strike.Events).Kind, strike.Events[0].Text));
        Assert.Equal([("early_warning", "near a strike")], strike.Notes);
    }

    [Fact]
    public void The_limit_goes_up_by_itself_and_says_so()
    {
        var judged = JudgedBusiness.Of(With(125, 0), Numbers, Now);
        Assert.Equal(new LimitState(LimitTier.Second, Now), judged.State.Limit);
        Assert.Equal("""{"from":"250","to":"2000","templates":250}""", judged.Events[^1].Text);
        Assert.Equal([("quality_changed", "UNKNOWN to GREEN"), ("limit_raised", "250 to 2000")], judged.Notes);
    }

    [Fact]
    public void Throughput_rises_with_the_limit_and_falls_under_a_moved_epoch_when_the_rating_turns_red()
    {
        var third = With(5_000, 0) with { Limit = new LimitState(LimitTier.Third), Verification = Verification.Verified };
        var raised = JudgedBusiness.Of(third, Numbers, Now);
        Assert.Equal((EventKind.ThroughputChanged, """{"from":"STANDARD","to":"HIGH","limit":"100000"}"""), (raised.Events[^1].Kind, raised.Events[^1].Text));
        Assert.False(raised.MovesEpoch);

        var red = JudgedBusiness.Of(With(0, 600, raised.State.ConductSoFar) with { Limit = raised.State.Limit }, Numbers, Now);
        Assert.Equal(QualityBand.Red, red.State.ConductSoFar.Band);
        Assert.Equal((EventKind.ThroughputChanged, """{"from":"HIGH","to":"STANDARD","limit":"100000"}"""), (red.Events[^1].Kind, red.Events[^1].Text));
        Assert.True(red.MovesEpoch);
        Assert.Empty(JudgedBusiness.Of(red.State, Numbers, Now).Events);

        // Below 100,000 the rating moves nothing.
        Assert.DoesNotContain(JudgedBusiness.Of(With(200, 150), Numbers, Now).Events, e => e.Kind == EventKind.ThroughputChanged);
    }

    [Fact]
    public void Quality_and_throughput_are_told_of_each_number()
    {
        var numbers = Enumerable.Range(0, 3).Select(i => new BusinessNumber(Ids.PhoneNumber(Business, i), 4_930_123_456 + i));
        var third = With(5_000, 0) with { Limit = new LimitState(LimitTier.Third), Verification = Verification.Verified };
        var judged = JudgedBusiness.Of(third with { Registration = Given.Registration(Business) with { Numbers = [.. numbers] } }, Numbers, Now);
        string?[] told = [null, $"{Ids.PhoneNumber(Business, 1)}", $"{Ids.PhoneNumber(Business, 2)}"];
        foreach (var kind in new[] { EventKind.QualityChanged, EventKind.ThroughputChanged })
        {
            var texts = judged.Events.Where(e => e.Kind == kind).Select(e => JsonElement.Parse(e.Text!));
            Assert.Equal(told, texts.Select(text => text.TryGetProperty("number", out var number) ? number.GetString() : null));
        }
    }

    [Fact]
    public void A_business_sees_signals_by_steps_of_ten_users_and_a_score_of_what_it_sees()
    {
        var later = Now + TimeSpan.FromHours(1);
        var few = JudgedBusiness.Of(With(1_000, 9), Numbers, Now).State.ConductSoFar;
        var shown = QualityViews.Of(few, Numbers.Quality, full: false, later);
        Assert.Equal((later, 1_000, null, null, null), (shown.At, shown.DeliveredInLife, shown.Blocks, shown.Negative, shown.Rate));

        // Neither the score nor a distance tells of the nine.
        var none = QualityViews.Of(JudgedBusiness.Of(With(1_000, 0), Numbers, Now).State.ConductSoFar, Numbers.Quality, full: false, later);
        Assert.Equal((none.Score, none.Down, none.Up), (shown.Score, shown.Down, shown.Up));
        Assert.NotNull(shown.Score);
        var operators = QualityViews.Of(few, Numbers.Quality, full: true, Now);
        Assert.Equal((9, 9d), (operators.Blocks, operators.Negative));
        Assert.True(operators.Score < none.Score);

        var many = JudgedBusiness.Of(With(1_000, 10), Numbers, Now).State.ConductSoFar;
        shown = QualityViews.Of(many, Numbers.Quality, full: false, later);
        Assert.Equal((10, null), (shown.Blocks, shown.Reports));
        Assert.True(shown.Negative is > 9 and < 10);
        Assert.Equal(QualityBand.Yellow, shown.Down!.Band);
        Assert.Null(shown.Up);
        Assert.True(shown.Score < none.Score);
    }

    [Fact]
    public void A_template_shows_its_part_where_ten_users_signalled_of_it_and_an_operator_sees_all()
    {
        // Of 1: ten users, of 2: twelve, of 3: four.
        var conduct = new Conduct();
        foreach (var (template, first, users) in new[] { (1L, 0, 10), (2L, 100, 12), (3L, 200, 4) })
        {
            conduct = conduct.Deliver(Now, Numbers, 100 * (int)template, template);
            for (var user = first; user < first + users; user++)
            {
                conduct = conduct.Signal(NegativeSignal.Block, user, Now, Numbers, template: template);
            }
        }

        conduct = conduct.At(250, Numbers, Now).Next;
        var later = Now + TimeSpan.FromHours(1);
        var full = QualityViews.Of(conduct, Numbers.Quality, full: true, later).Templates;
        Assert.Equal([1L, 2, 3], full.Select(effect => effect.Template));
        Assert.All(full, effect => Assert.NotNull(effect.Negative));

        var view = QualityViews.Of(conduct, Numbers.Quality, full: false, later);
        var own = view.Templates.ToDictionary(effect => effect.Template);
        Assert.Equal((null, null), (own[3].Negative, own[3].ScoreWithout));
        Assert.All([own[1], own[2]], effect => Assert.NotNull(effect.ScoreWithout));
        Assert.Equal(22, view.Blocks);
        Assert.Equal(view.Negative!.Value, own[1].Negative!.Value + own[2].Negative!.Value, 9);
    }
}
