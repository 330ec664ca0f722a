using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy;

namespace Actors.Grains.Tests;

/// <summary>How many templates a business may have, on a node where few are many; and what is left of a pause.</summary>
public sealed class TemplateLimitTests(TemplateLimitTests.Fixture fixture) : IClassFixture<TemplateLimitTests.Fixture>
{
    private const string Ann = "operator:ann";
    private readonly long _id = Given.NewBusiness();

    private TestNode Node => fixture.Node;

    [Fact]
    public async Task A_business_has_as_many_templates_as_it_may_however_many_race_and_more_once_it_is_verified()
    {
        await Node.Business(_id).RegisterAsync(Given.Registration(_id), Ann);
        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => CreateAsync($"t{i}")));
        Assert.Equal(3, replies.Count(reply => reply.Refusal is null));
        Assert.Equal(5, replies.Count(reply => reply.Refusal == TemplateRefusal.TooMany));
        Assert.Equal(3, (await Node.Reads.TemplatesAsync(_id, null, null, 0, 100)).Length);

        await Node.Business(_id).VerifyAsync(Verification.Verified, false, "", Ann);
        Assert.Null((await CreateAsync("one_more")).Refusal);
        Assert.Null((await CreateAsync("and_another")).Refusal);
        Assert.Equal(TemplateRefusal.TooMany, (await CreateAsync("too_many")).Refusal);
    }

    [Fact]
    public async Task What_was_deleted_makes_room_and_still_counts_as_created_within_the_hour()
    {
        await Node.Business(_id).RegisterAsync(Given.Registration(_id), Ann);
        await Node.Business(_id).VerifyAsync(Verification.Verified, false, "", Ann);
        for (var i = 0; i < Fixture.PerHour; i++)
        {
            Assert.Null((await CreateAsync($"t{i}")).Refusal);
        }

        await Node.Template(_id, "t0").DeleteAsync(null, Ann);

        // With more room, so that it is the hour and nothing else that refuses.
        var policy = Node.Grains.GetGrain<IPolicyGrain>(0);
        var narrow = await policy.GetAsync();
        Assert.Null((await policy.ChangeAsync(narrow.Version, [new("Templates:PerVerifiedBusiness", ["50"])], "room", Ann)).Refusal);
        var before = Node.Ledger.Clock.Now;
        var refused = await CreateAsync("late");
        await policy.RollBackAsync(narrow.Version, narrow.Version + 1, "back", Ann);
        Assert.Equal(TemplateRefusal.CreatedTooOften, refused.Refusal);
        Assert.InRange((refused.RetryAt!.Value - before).TotalMinutes, 59, 60);
    }

    private Task<TemplateReply> CreateAsync(string name) => Node.Template(_id, name).CreateAsync(Given.Draft(), Ann);

    public sealed class Fixture : IAsyncLifetime
    {
        internal const int PerHour = 5;

        private readonly PostgresDatabase _database = new();

        internal TestNode Node { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await _database.InitializeAsync();
            var templates = new TemplateNumbers { PerBusiness = 3, PerVerifiedBusiness = 5, CreationsPerHour = PerHour };
            Node = await TestNode.StartAsync(_database, TestNode.Numbers with { Templates = templates });
        }

        public async ValueTask DisposeAsync()
        {
            await Node.DisposeAsync();
            await _database.DisposeAsync();
        }
    }
}
