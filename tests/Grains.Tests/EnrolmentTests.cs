using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Actors.Policy;
using Actors.Policy.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Grains.Tests;

/// <summary>A number's codes, on either database: what is told is durable, and no race gives more tries than there are.</summary>
public abstract class EnrolmentTests<TDatabase>(Running<TDatabase> running) : IClassFixture<Running<TDatabase>>
    where TDatabase : IDatabase, new()
{
    private readonly long _number = Given.NewUser();

    private IEnrolmentGrain Grain => running.Node.Grains.GetGrain<IEnrolmentGrain>(_number);

    [Fact]
    public async Task A_code_and_its_tries_survive_a_restart()
    {
        Assert.Null((await Grain.BeginAsync(7, [.. Proof(7)])).RetryAt);
        Assert.Equal(new EnrolmentTried(EnrolmentTry.Wrong, 4), await Grain.TryAsync(7, [.. Proof(8)]));

        await running.RestartAsync();
        Assert.Equal(new EnrolmentTried(EnrolmentTry.Wrong, 3), await Grain.TryAsync(7, [.. Proof(8)]));
        Assert.Equal(new EnrolmentTried(EnrolmentTry.Right, 2), await Grain.TryAsync(7, [.. Proof(7)]));

        await running.RestartAsync();
        Assert.Equal(new EnrolmentTried(EnrolmentTry.Over, 0), await Grain.TryAsync(7, [.. Proof(7)]));
    }

    [Fact]
    public async Task Among_many_tries_at_once_five_count_and_the_right_code_is_right_once()
    {
        await Grain.BeginAsync(7, [.. Proof(7)]);
        var right = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Grain.TryAsync(7, [.. Proof(7)])));
        Assert.Single(right, tried => tried.Outcome == EnrolmentTry.Right);
        Assert.Equal(19, right.Count(tried => tried.Outcome == EnrolmentTry.Over));

        await Grain.BeginAsync(8, [.. Proof(8)]);
        var wrong = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Grain.TryAsync(8, [.. Proof(9)])));
        Assert.Equal([4, 3, 2, 1, 0], wrong.Where(tried => tried.Outcome == EnrolmentTry.Wrong).Select(tried => tried.TriesLeft).OrderDescending());
        Assert.Equal(EnrolmentTry.Over, (await Grain.TryAsync(8, [.. Proof(8)])).Outcome);
    }

    [Fact]
    public async Task A_number_gets_three_codes_in_ten_minutes_also_over_a_restart()
    {
        var first = await Grain.BeginAsync(1, [.. Proof(1)]);
        await Grain.BeginAsync(2, [.. Proof(2)]);
        await running.RestartAsync();
        await Grain.BeginAsync(3, [.. Proof(3)]);
        var refused = await Grain.BeginAsync(4, [.. Proof(4)]);
        Assert.Equal(first.ExpiresAt, refused.RetryAt);
        Assert.Equal(EnrolmentTry.Right, (await Grain.TryAsync(3, [.. Proof(3)])).Outcome);
    }

    [Fact]
    public async Task Whoever_asks_for_another_code_ends_none_also_over_a_restart()
    {
        await Grain.BeginAsync(1, [.. Proof(1)]);
        await Grain.TryAsync(1, [.. Proof(9)]);
        await Grain.BeginAsync(2, [.. Proof(2)]);
        await running.RestartAsync();
        Assert.Equal(new EnrolmentTried(EnrolmentTry.Wrong, 3), await Grain.TryAsync(1, [.. Proof(9)]));
        Assert.Equal(new EnrolmentTried(EnrolmentTry.Right, 4), await Grain.TryAsync(2, [.. Proof(2)]));
        Assert.Equal(EnrolmentTry.Over, (await Grain.TryAsync(1, [.. Proof(1)])).Outcome);
    }

    [Fact]
    public async Task A_day_after_the_last_code_nothing_is_kept_of_a_number_and_an_activation_that_knows_it_goes_on()
    {
        var schema = running.Node.Services.GetRequiredService<GrainSchema>();
        await Grain.BeginAsync(1, [.. Proof(1)]);
        var now = running.Node.Ledger.Clock.Now;
        await schema.ForgetEnrolmentsAsync(now + Enrolment.Day - TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.True(await IsKeptAsync());
        await schema.ForgetEnrolmentsAsync(now + Enrolment.Day + TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.False(await IsKeptAsync());
        Assert.Null((await Grain.BeginAsync(2, [.. Proof(2)])).RetryAt);
        Assert.True(await IsKeptAsync());

        // The proof is in a row's JSON, in hexadecimal digits.
        async Task<bool> IsKeptAsync() => (await DatabaseDump.ReadAsync(running.Database))
            .Any(value => value.Contains(Convert.ToHexString(Proof(1)), StringComparison.Ordinal)
                || value.Contains(Convert.ToHexString(System.Text.Encoding.ASCII.GetBytes(Convert.ToHexString(Proof(1)))), StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void A_code_stored_by_an_older_build_can_be_given_back()
    {
        var state = new EnrolmentState { Serial = 7, Proof = Convert.ToHexString(Proof(7)), Tries = 2, Asked = [new Instant(1), new Instant(5)] };
        Assert.Equal((EnrolmentTry.Right, 2), Tried(Enrolment.Life - TimeSpan.FromMilliseconds(1)));
        Assert.Equal((EnrolmentTry.Over, 0), Tried(Enrolment.Life));

        (EnrolmentTry, int) Tried(TimeSpan after)
        {
            var (outcome, left, _) = EnrolmentGrain.Of(state).Try(7, Proof(7), new Instant(5) + after);
            return (outcome, left);
        }
    }

    private static byte[] Proof(int code) => [.. Enumerable.Repeat((byte)code, 32)];
}

public sealed class EnrolmentOnSqliteTests(Running<SqliteDatabase> running) : EnrolmentTests<SqliteDatabase>(running);

public sealed class EnrolmentOnPostgresTests(Running<PostgresDatabase> running) : EnrolmentTests<PostgresDatabase>(running);
