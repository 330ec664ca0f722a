using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Templates;

namespace Actors.Grains.Tests;

/// <summary>What a template's grain does, on either database.</summary>
public abstract class TemplateGrainTests<TDatabase>(Running<TDatabase> running) : IClassFixture<Running<TDatabase>>
    where TDatabase : IDatabase, new()
{
    private const string Ann = "operator:ann";
    private readonly long _id = Given.NewBusiness();
    private readonly string _owner = $"business:{Guid.NewGuid():N}";

    private TestNode Node => running.Node;

    [Fact]
    public async Task A_template_is_created_pending_approved_by_an_operator_and_there_after_a_restart()
    {
        await RegisterAsync();
        var created = await Node.Template(_id, "order_ready").CreateAsync(Given.Draft(), _owner);
        Assert.Null(created.Refusal);
        Assert.Equal(
            (TemplateStatus.Pending, "order_ready", Ids.Template(_id, 0)),
            (created.Template!.Status, created.Template.Content.Name, created.Template.Id));
        var approved = await Node.Template(_id, "order_ready").ReviewAsync(created.Template.Id, true, null, null, Ann);
        Assert.Equal(TemplateStatus.Approved, approved.Template!.Status);
        await running.RestartAsync();
        var view = Assert.Single(await Node.Template(_id, "order_ready").GetAsync());
        Assert.Equal((TemplateStatus.Approved, "Your order is ready."), (view.Status, view.Content.Body));
        Assert.Equal("""[{"type":"BODY"}]"""u8.ToArray(), view.Components.ToArray());
    }

    [Fact]
    public async Task What_the_linter_refuses_is_not_created_and_uses_nothing_up()
    {
        await RegisterAsync();
        var reply = await Node.Template(_id, "empty").CreateAsync(Given.Draft(body: ""), _owner);
        Assert.Equal(TemplateRefusal.Lint, reply.Refusal);
        Assert.Contains(reply.Findings, f => f.Refuses);
        Assert.Empty(await Node.Template(_id, "empty").GetAsync());
        Assert.Equal(Ids.Template(_id, 0), (await Node.Business(_id).NewTemplateAsync()).Id);
    }

    [Fact]
    public async Task A_language_exists_once_and_other_languages_have_ids_of_their_own()
    {
        await RegisterAsync();
        var template = Node.Template(_id, "hello");
        Assert.Null((await template.CreateAsync(Given.Draft("en_US"), _owner)).Refusal);
        Assert.Equal(TemplateRefusal.Exists, (await template.CreateAsync(Given.Draft("en_US"), _owner)).Refusal);
        Assert.Null((await template.CreateAsync(Given.Draft("de"), _owner)).Refusal);
        Assert.Equal(["en_US", "de"], (await template.GetAsync()).Select(t => t.Content.Language));
        Assert.Equal(2, (await template.GetAsync()).Select(t => t.Id).Distinct().Count());
    }

    [Fact]
    public async Task Without_its_business_there_is_no_template() =>
        Assert.Equal(TemplateRefusal.BusinessUnknown, (await Node.Template(_id, "hello").CreateAsync(Given.Draft(), _owner)).Refusal);

    [Fact]
    public async Task The_name_of_a_deleted_template_is_locked_only_where_it_was_approved()
    {
        await RegisterAsync();
        var never = Node.Template(_id, "never_approved");
        await never.CreateAsync(Given.Draft(), _owner);
        Assert.Null((await never.DeleteAsync(null, _owner)).Refusal);
        Assert.Null((await never.CreateAsync(Given.Draft(), _owner)).Refusal);

        var once = Node.Template(_id, "once_approved");
        var created = await once.CreateAsync(Given.Draft(), _owner);
        await once.ReviewAsync(created.Template!.Id, true, null, null, Ann);
        Assert.Null((await once.DeleteAsync(created.Template.Id, _owner)).Refusal);
        Assert.Equal(TemplateRefusal.Unknown, (await once.DeleteAsync(null, _owner)).Refusal);
        Assert.Empty(await once.GetAsync());
        await Node.ForgetAsync(once);
        Assert.Equal(TemplateRefusal.NameLocked, (await once.CreateAsync(Given.Draft(), _owner)).Refusal);
    }

    [Fact]
    public async Task An_edit_goes_back_to_review_and_keeps_the_category_that_was_approved()
    {
        await RegisterAsync();
        var template = Node.Template(_id, "edited");
        var id = (await template.CreateAsync(Given.Draft(), _owner)).Template!.Id;
        Assert.Equal(TemplateRefusal.Status, (await template.EditAsync(id, Given.Draft(body: "Changed."), _owner)).Refusal);
        await template.ReviewAsync(id, true, null, null, Ann);
        Assert.Equal(TemplateRefusal.CategoryFixed, (await template.EditAsync(id, Given.Draft(category: Category.Marketing), _owner)).Refusal);
        Assert.Equal(TemplateRefusal.Unknown, (await template.EditAsync(id + 1, Given.Draft(), _owner)).Refusal);
        Assert.Equal(TemplateRefusal.Lint, (await template.EditAsync(id, Given.Draft(body: ""), _owner)).Refusal);
        var edited = await template.EditAsync(id, Given.Draft(body: "Changed."), _owner);
        Assert.Equal((TemplateStatus.Pending, "Changed.", id), (edited.Template!.Status, edited.Template.Content.Body, edited.Template.Id));
    }

    [Fact]
    public async Task A_review_is_once_gives_a_reason_and_may_change_the_category()
    {
        await RegisterAsync();
        var template = Node.Template(_id, "reviewed");
        var id = (await template.CreateAsync(Given.Draft(), _owner)).Template!.Id;
        var rejected = await template.ReviewAsync(id, false, "PROMOTIONAL", null, Ann);
        Assert.Equal((TemplateStatus.Rejected, "PROMOTIONAL"), (rejected.Template!.Status, rejected.Template.RejectedReason));
        Assert.Equal(TemplateRefusal.Status, (await template.ReviewAsync(id, true, null, null, Ann)).Refusal);
        Assert.Equal(TemplateRefusal.Unknown, (await template.ReviewAsync(id + 1, true, null, null, Ann)).Refusal);
        await template.EditAsync(id, Given.Draft(), _owner);
        var approved = await template.ReviewAsync(id, true, null, Category.Marketing, Ann);
        Assert.Equal(
            (TemplateStatus.Approved, Category.Marketing, Category.Utility, null),
            (approved.Template!.Status, approved.Template.Content.Category, approved.Template.RequestedCategory, approved.Template.RejectedReason));
    }

    [Fact]
    public async Task What_may_forbid_a_send_moves_the_epoch_and_what_allows_does_not()
    {
        await RegisterAsync();
        var template = Node.Template(_id, "fenced");
        Assert.False(await MovesAsync(() => template.CreateAsync(Given.Draft(), _owner)));
        var id = Ids.Template(_id, 0);
        Assert.False(await MovesAsync(() => template.ReviewAsync(id, true, null, null, Ann)));
        Assert.True(await MovesAsync(() => template.EditAsync(id, Given.Draft(), _owner)));
        Assert.True(await MovesAsync(() => template.ReviewAsync(id, true, null, Category.Marketing, Ann)));
        Assert.True(await MovesAsync(() => template.DeleteAsync(id, _owner)));
        var other = Node.Template(_id, "stopped");
        var stopped = (await other.CreateAsync(Given.Draft(), _owner)).Template!.Id;
        Assert.True(await MovesAsync(() => other.StopAsync(stopped, "a scam", Ann)));

        async Task<bool> MovesAsync(Func<Task<TemplateReply>> act)
        {
            var before = (await Node.Business(_id).LeaseAsync(null))!.Epoch;
            Assert.Null((await act()).Refusal);
            return (await Node.Business(_id).LeaseAsync(null))!.Epoch > before;
        }
    }

    [Fact]
    public async Task A_stopped_template_is_disabled_for_good_and_says_why()
    {
        await RegisterAsync();
        var template = Node.Template(_id, "stopped");
        var id = (await template.CreateAsync(Given.Draft(), _owner)).Template!.Id;
        await template.ReviewAsync(id, true, null, null, Ann);
        var stopped = await template.StopAsync(id, "It imitates a bank.", Ann);
        Assert.Equal((TemplateStatus.Disabled, "It imitates a bank."), (stopped.Template!.Status, stopped.Template.RejectedReason));
        Assert.Equal(TemplateRefusal.Unknown, (await template.StopAsync(id + 1, "x", Ann)).Refusal);
        foreach (var later in new[]
        {
            await template.StopAsync(id, "x", Ann),
            await template.ReviewAsync(id, true, null, null, Ann),
            await template.EditAsync(id, Given.Draft(), _owner),
            await template.UnpauseAsync(id),
            await template.DeleteAsync(id, _owner),
            await template.DeleteAsync(null, _owner),
        })
        {
            Assert.Equal(TemplateRefusal.Status, later.Refusal);
        }

        Assert.Equal("DISABLED", (await Node.Reads.TemplateAsync(id))!.Status);
        var audit = (await Node.Reads.AuditAsync(0, 1_000)).Last(line => line.Business == _id);
        Assert.Equal((Ann, "template_stopped", "It imitates a bank."), (audit.Actor, audit.Action, audit.Note));
    }

    [Fact]
    public async Task An_approved_template_is_edited_once_a_day_and_a_rejected_one_as_often_as_it_takes()
    {
        await RegisterAsync();
        var template = Node.Template(_id, "edited_often");
        var id = (await template.CreateAsync(Given.Draft(), _owner)).Template!.Id;
        for (var i = 0; i < 3; i++)
        {
            await template.ReviewAsync(id, false, "PROMOTIONAL", null, Ann);
            Assert.Null((await template.EditAsync(id, Given.Draft(body: $"Try {i}."), _owner)).Refusal);
        }

        await template.ReviewAsync(id, true, null, null, Ann);
        Assert.Null((await template.EditAsync(id, Given.Draft(body: "Better."), _owner)).Refusal);
        await template.ReviewAsync(id, true, null, null, Ann);
        await Node.ForgetAsync(template);
        var before = Node.Ledger.Clock.Now;
        var refused = await template.EditAsync(id, Given.Draft(body: "Best."), _owner);
        Assert.Equal(TemplateRefusal.EditedTooOften, refused.Refusal);
        Assert.InRange((refused.RetryAt!.Value.Milliseconds - before.Milliseconds) / 3_600_000.0, 23.9, 24);
        Assert.Equal("Better.", Assert.Single(await template.GetAsync()).Content.Body);
    }

    [Fact]
    public async Task While_a_pause_runs_it_can_not_be_unpaused_and_it_is_said_until_when()
    {
        var business = await Folding.NewSenderAsync(Node);
        var template = Node.Template(business, "hello");
        var id = (await template.GetAsync())[0].Id;
        await template.FoldAsync(Given.Red(business, id, Node.Ledger.Clock.Now));
        var paused = (await template.GetAsync())[0];
        Assert.Equal((TemplateStatus.Paused, QualityBand.Red), (paused.Status, paused.Quality));
        var refused = await template.UnpauseAsync(id);
        Assert.Equal((TemplateRefusal.PauseRuns, paused.PausedUntil), (refused.Refusal, refused.RetryAt));
        Assert.NotNull(refused.RetryAt);
    }

    [Fact]
    public async Task What_is_not_paused_can_not_be_unpaused()
    {
        await RegisterAsync();
        var template = Node.Template(_id, "not_paused");
        var id = (await template.CreateAsync(Given.Draft(), _owner)).Template!.Id;
        Assert.Equal(TemplateRefusal.Status, (await template.UnpauseAsync(id)).Refusal);
        Assert.Equal(TemplateRefusal.Unknown, (await template.UnpauseAsync(id + 1)).Refusal);
    }

    [Fact]
    public async Task Versions_are_kept_with_their_times_also_of_what_was_edited_and_deleted()
    {
        await RegisterAsync();
        var template = Node.Template(_id, "versions");
        var id = (await template.CreateAsync(Given.Draft(body: "One."), _owner)).Template!.Id;
        Assert.Empty(await template.VersionsAsync());
        await template.ReviewAsync(id, true, null, null, Ann);
        await template.EditAsync(id, Given.Draft(body: "Two."), _owner);
        await template.ReviewAsync(id, true, null, Category.Marketing, Ann);
        await template.DeleteAsync(null, _owner);
        await Node.ForgetAsync(template);

        var versions = await template.VersionsAsync();
        Assert.Equal(
            [("One.", Category.Utility), ("Two.", Category.Marketing)], versions.Select(v => (v.Content.Body, v.Content.Category)));
        Assert.True(versions[0].Until <= versions[1].Since);
        Assert.NotNull(versions[1].Until);
        Assert.Equal("One.", TemplateVersion.At(versions, id, versions[1].Since - TimeSpan.FromMilliseconds(1))!.Body);
        Assert.Equal("Two.", TemplateVersion.At(versions, id, versions[1].Since)!.Body);
        Assert.Equal("One.", TemplateVersion.At(versions, id, new Instant(0))!.Body);
        Assert.Null(TemplateVersion.At(versions, id + 1, versions[1].Since));
    }

    [Fact]
    public async Task The_directory_the_audit_and_the_events_follow()
    {
        await RegisterAsync();
        var template = Node.Template(_id, "followed");
        var id = (await template.CreateAsync(Given.Draft(), _owner)).Template!.Id;
        Assert.Equal("PENDING", Assert.Single(await Node.Reads.TemplatesAsync(_id, null, null, 0, 10)).Status);
        await template.ReviewAsync(id, false, "SCAM", null, Ann);
        var line = await Node.Reads.TemplateAsync(id);
        Assert.Equal((id, _id, "followed", "en_US", "REJECTED"), (line!.Id, line.Business, line.Name, line.Language, line.Status));
        await template.DeleteAsync(null, _owner);
        Assert.Empty(await Node.Reads.TemplatesAsync(_id, null, null, 0, 10));
        Assert.Equal(
            [(_owner, "template_created", ""), (Ann, "template_rejected", "SCAM"), (_owner, "template_deleted", "")],
            (await Node.Reads.AuditAsync(0, 1_000)).Where(a => a.Business == _id && a.Target == $"template/{id}").Select(a => (a.Actor, a.Action, a.Note)));
        Assert.Null(await Node.Reads.TemplateAsync(_id));
    }

    [Fact]
    public async Task Names_that_look_like_numbers_are_kept_apart()
    {
        await RegisterAsync();
        string[] names = ["0123", "123", "ab", "abc", "abcdef0123456789abcdef0123456789", "dead", "0"];
        foreach (var name in names)
        {
            Assert.Null((await Node.Template(_id, name).CreateAsync(Given.Draft(body: $"This is {name} for you."), _owner)).Refusal);
        }

        foreach (var name in names)
        {
            await Node.ForgetAsync(Node.Template(_id, name));
            var view = Assert.Single(await Node.Template(_id, name).GetAsync());
            Assert.Equal((name, $"This is {name} for you."), (view.Content.Name, view.Content.Body));
        }
    }

    private async Task RegisterAsync() => Assert.True(await Node.Business(_id).RegisterAsync(Given.Registration(_id), Ann));
}

public sealed class TemplateOnSqliteTests(Running<SqliteDatabase> running) : TemplateGrainTests<SqliteDatabase>(running);

public sealed class TemplateOnPostgresTests(Running<PostgresDatabase> running) : TemplateGrainTests<PostgresDatabase>(running);
