using System.Collections.Immutable;
using System.Text.Json;
using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Templates;
using Actors.Policy.Users;
using CsCheck;

namespace Actors.Grains.Tests;

/// <summary>What events make of a state, without a node: in whatever pieces and however often they come, each counts once.</summary>
public sealed class FoldedStateTests
{
    private static readonly Instant Start = new(1_790_000_000_000);
    private static readonly PolicyNumbers Numbers = PolicyNumbers.Default;
    private static readonly UserMarks Marks = new(new byte[32]);

    private static readonly Gen<EventLine[]> Logs = Gen.Select(Gen.Int[0, 5], Gen.Int[1, 8], Gen.Int[1, 3], Gen.Int[0, 5_000], Gen.Int[1, 4])
        .Select(t => (Kind: t.Item1, User: t.Item2, Template: t.Item3, Gap: t.Item4, Step: t.Item5)).Array[1, 40]
        .Select(steps =>
        {
            var (seq, at) = (0L, Start);
            return steps.Select(step =>
            {
                (seq, at) = (seq + step.Step, at + TimeSpan.FromMilliseconds(step.Gap * 1_000));
                return Line(seq, at, step.User, step.Template, step.Kind switch
                {
                    0 => QualityMark.Of(NegativeSignal.Block, null, step.Template),
                    1 => QualityMark.Of(NegativeSignal.Report, NegativeSignal.OptOut, step.Template),
                    2 => QualityMark.Of(countsUser: false, countsForTemplate: true),
                    _ => QualityMark.Of(countsUser: true, countsForTemplate: step.Kind > 3),
                });
            }).ToArray();
        });

    [Fact]
    public void Pieces_that_overlap_and_come_again_count_as_the_whole_log_once() => Gen.Select(
        Logs, Gen.Select(Gen.Int[0, 40], Gen.Int[0, 40]).Array[0, 20]).Sample((log, cuts) =>
        {
            var (business, template) = (new BusinessState(), Template());
            var known = 0;
            foreach (var (from, length) in cuts)
            {
                // A reader never begins behind what its grains have, only before it; how far it goes is its own matter.
                var begin = Math.Min(from, known);
                var piece = log.Skip(begin).Take(Math.Max(length, known - begin)).ToImmutableArray();
                known = begin + piece.Length;
                (business, template) = (business.Fold(piece, Numbers, Marks), template.Fold(piece, Numbers.Quality, Marks));
            }

            (business, template) = (business.Fold([.. log], Numbers, Marks), template.Fold([.. log], Numbers.Quality, Marks));
            Assert.Equal(Text(new BusinessState().Fold([.. log], Numbers, Marks)), Text(business));
            Assert.Equal(Text(Template().Fold([.. log], Numbers.Quality, Marks)), Text(template));
            Assert.Equal(log.Count(line => line.Event.Quality.CountsUser), business.Conduct!.Counts.DeliveredInLife);
            foreach (var language in template.Languages)
            {
                var own = log.Where(line => FoldTemplates.Concerned(line.Event) == language.View.Id).ToList();
                Assert.Equal(own.Count(line => line.Event.Quality.CountsForTemplate), language.Conduct?.Counts.DeliveredInLife ?? 0);
                Assert.Equal(own.Count(line => line.Event.Quality.Signal == NegativeSignal.Block), language.Conduct?.Counts.Blocks.Count ?? 0);
            }
        });

    [Fact]
    public void What_a_state_has_changes_nothing()
    {
        ImmutableArray<EventLine> events = [Line(7, Start, 1, 1, QualityMark.Of(true, true))];
        var (business, template) = (new BusinessState().Fold(events, Numbers, Marks), Template().Fold(events, Numbers.Quality, Marks));
        Assert.Same(business, business.Fold(events, Numbers, Marks));
        Assert.Same(template, template.Fold(events, Numbers.Quality, Marks));
        Assert.Same(business, business.Fold([], Numbers, Marks));
        Assert.Equal((7, 7), (business.FoldedTo, template.FoldedTo));
    }

    [Fact]
    public void What_is_kept_of_who_signalled_tells_nobody_without_the_secret_and_nothing_about_another_business()
    {
        var line = Line(7, Start, 491_700_000_001, 1, QualityMark.Of(NegativeSignal.Block, null, 1));
        var elsewhere = line with { Event = line.Event with { Business = 101 } };
        var (here, other) = (Kept(line, Marks), Kept(line, new UserMarks([.. Enumerable.Repeat((byte)1, 32)])));
        Assert.Equal(here, Kept(line, Marks));
        Assert.All(here, mark => Assert.DoesNotContain(mark, other));
        Assert.All(here, mark => Assert.DoesNotContain(mark, Kept(elsewhere, Marks)));

        static uint[] Kept(EventLine line, UserMarks marks)
        {
            var business = new BusinessState().Fold([line], Numbers, marks).Conduct!;
            var template = Template().Fold([line], Numbers.Quality, marks).Languages[0].Conduct!;
            return [.. business.Counts.Blocks.Users, .. business.Templates!.Shares[0].Counts.Blocks.Users, .. template.Counts.Blocks.Users];
        }
    }

    [Fact]
    public void A_deleted_name_is_locked_until_its_end_and_not_at_it()
    {
        var state = new TemplateState { DeletedAt = Start };
        var end = Start + TimeSpan.FromDays(30);
        Assert.Equal(TemplateRefusal.NameLocked, state.WhyNotCreate("en_US", Numbers, end - TimeSpan.FromMilliseconds(1)));
        Assert.Null(state.WhyNotCreate("en_US", Numbers, end));
    }

    [Fact]
    public void A_paused_template_is_paused_until_its_end_and_then_unknown()
    {
        var until = Start + TimeSpan.FromHours(3);
        var paused = Language(1) with { QualityAt = Start, Conduct = new TemplateConduct { Band = QualityBand.Red, Pauses = 1, PausedUntil = until } };
        var last = paused.ViewAt(until - TimeSpan.FromMilliseconds(1));
        Assert.Equal((TemplateStatus.Paused, QualityBand.Red, Start, until), (last.Status, last.Quality, last.QualityAt, last.PausedUntil));
        var over = paused.ViewAt(until);
        Assert.Equal((TemplateStatus.Approved, QualityBand.Unknown, until, null), (over.Status, over.Quality, over.QualityAt, over.PausedUntil));
    }

    [Fact]
    public void A_pause_makes_nothing_of_what_is_not_approved_and_disabled_is_for_good()
    {
        var conduct = new TemplateConduct { Band = QualityBand.Red, PausedUntil = Start + TimeSpan.FromHours(3) };
        Assert.Equal(TemplateStatus.Pending, (Language(1).With(TemplateStatus.Pending) with { Conduct = conduct }).ViewAt(Start).Status);
        Assert.Equal(TemplateStatus.Rejected, (Language(1).With(TemplateStatus.Rejected) with { Conduct = conduct }).ViewAt(Start).Status);
        var disabled = Language(1) with { Conduct = new TemplateConduct { Band = QualityBand.Red, Disabled = true } };
        Assert.Equal(TemplateStatus.Disabled, disabled.ViewAt(Start + TimeSpan.FromDays(3_000)).Status);
        Assert.Equal("DISABLED", disabled.StatusAt(Start));
    }

    [Fact]
    public void Editing_keeps_what_users_said()
    {
        var language = Language(1) with { Conduct = new TemplateConduct { Pauses = 1 } };
        Assert.Equal(1, language.With(TemplateStatus.Pending).Conduct!.Pauses);
    }

    private static TemplateState Template() => new() { Languages = [Language(1), Language(2)] };

    private static TemplateLanguage Language(long id) => new(
        new TemplateView
        {
            Id = id,
            Content = Given.Draft().Content,
            Components = default,
            Status = TemplateStatus.Approved,
        },
        WasApproved: true);

    private static EventLine Line(long seq, Instant at, long user, long template, QualityMark mark) =>
        new(seq, user, new UserEvent(mark.Signal is null ? EventKind.Delivered : EventKind.Blocked, at, 100, Template: template, Quality: mark), null);

    private static string Text<T>(T state) => JsonSerializer.Serialize(state);
}
