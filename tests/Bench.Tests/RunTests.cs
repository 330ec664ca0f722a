using Actors.Bench.Scenarios;
using Actors.Tests;

namespace Actors.Bench.Tests;

/// <summary>Runs against a real node, over HTTP.</summary>
public sealed class RunTests
{
    [Fact]
    public async Task A_life_leaves_no_violation_and_a_missed_threshold_is_told()
    {
        await using var node = await TestNode.StartAsync(TestNode.NewDataDirectory());
        var settings = new Settings
        {
            Scenario = Scenario.All.Single(scenario => scenario.Name == "life"),
            Url = node.Address,
            Seconds = 5,
            Rate = 120,
            Users = 100,
            Thresholds = new Thresholds { MinRate = 1_000_000, MaxUnknown = 0 },
        };
        var report = Path.Combine(TestNode.NewDataDirectory(), "report.html");
        var output = new StringWriter();
        var verdict = await Run.ExecuteAsync(
            settings, Identity.WithKey(TestNode.SigningKey), output, report, "the command", TestContext.Current.CancellationToken);

        Assert.True(verdict.Violations.Count == 0, $"{output}");
        Assert.True(verdict.Summary is { Unknown: 0, Accepted: > 100, Refused: > 0 }, $"{output}");
        Assert.StartsWith("--min-rate 1000000: ", Assert.Single(verdict.Missed), StringComparison.Ordinal);
        Assert.Equal(Verdict.TooSlow, verdict.ExitCode);
        Assert.Contains("G3 holds", output.ToString(), StringComparison.Ordinal);

        var page = await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken);
        Assert.Equal(2, page.Split("<svg").Length - 1);
        Assert.All(["send: done", "Delivered: done", "Write: done", "send: refused 131050", "MISSED", "the command"], part =>
            Assert.Contains(part, page + output, StringComparison.Ordinal));
        Assert.DoesNotContain("http-equiv", page, StringComparison.Ordinal);
    }

    /// <summary>Each kind of load runs to its end, is answered, and leaves what the checker expects.</summary>
    [Fact]
    public async Task Every_scenario_runs_against_a_node_and_leaves_no_violation()
    {
        await using var node = await TestNode.StartAsync(TestNode.NewDataDirectory());
        foreach (var scenario in Scenario.All)
        {
            var settings = new Settings
            {
                Scenario = scenario,
                Url = node.Address,
                Seconds = 2,
                Rate = 60,
                Users = 60,
                Thresholds = new Thresholds { MaxUnknown = 0 },
            };
            var output = new StringWriter();
            var verdict = await Run.ExecuteAsync(
                settings, Identity.WithKey(TestNode.SigningKey), output, report: null, "", TestContext.Current.CancellationToken);
            Assert.True(verdict.ExitCode == Verdict.Fine, $"{scenario.Name}: {output}");
            Assert.True(verdict.Summary is { Accepted: > 0, Sent: > 20 }, $"{scenario.Name}: {output}");
        }
    }

    /// <summary>What a platform says is read as it says it, and a lie of it costs the verdict.</summary>
    [Fact]
    public async Task A_platform_that_lies_about_its_log_is_found_out()
    {
        await using var node = await TestNode.StartAsync(TestNode.NewDataDirectory());
        using var liar = new LyingProxy(node.Address);
        var settings = new Settings
        {
            Scenario = Scenario.All.Single(scenario => scenario.Name == "steady"),
            Url = liar.Address,
            Seconds = 2,
            Rate = 50,
            Users = 50,
        };
        var output = new StringWriter();
        var verdict = await Run.ExecuteAsync(
            settings, Identity.WithKey(TestNode.SigningKey), output, report: null, "", TestContext.Current.CancellationToken);
        Assert.All(verdict.Violations, violation => Assert.Equal(liar.Message, violation.Message));   // marketing would be one too many, besides
        Assert.Contains(verdict.Violations, violation => violation.Guarantee == "G1");
        Assert.Equal(Verdict.Violated, verdict.ExitCode);
    }

    [Fact]
    public async Task Without_the_signing_key_it_speaks_for_no_user_and_says_so()
    {
        var settings = new Settings { Scenario = Scenario.All.Single(scenario => scenario.Name == "life"), Url = new Uri("http://127.0.0.1:9") };
        var cannot = await Assert.ThrowsAsync<InvalidOperationException>(() => Run.ExecuteAsync(
            settings, new Identity("token", SigningKey: null), TextWriter.Null, report: null, "", TestContext.Current.CancellationToken));
        Assert.Contains("signing key", cannot.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_threshold_is_missed_from_where_it_says()
    {
        var summary = new Summary(
            Sent: 100, Accepted: 80, Refused: 10, RefusedForLoad: 6, Unknown: 4, Repeats: 0, AnsweredPerSecond: 90, P50: 1, P99: 20, Max: 50, Silence: 300);
        var kept = new Thresholds { MinRate = 90, P99 = 20, MaxRefusedForLoad = 6, MaxUnknown = 4, MaxSilence = 300 };
        Assert.Empty(kept.Missed(summary));
        Assert.Equal(
            ["--min-rate 91: 90 sends/s, off by 1", "--p99 19: 20 ms, off by 1", "--max-refused-for-load 5: 6 sends, off by 1",
                "--max-unknown 3: 4 sends, off by 1", "--max-silence 299: 300 ms, off by 1"],
            new Thresholds { MinRate = 91, P99 = 19, MaxRefusedForLoad = 5, MaxUnknown = 3, MaxSilence = 299 }.Missed(summary));
    }

    /// <summary>The meter's figures are those of what it was told.</summary>
    [Fact]
    public void The_meter_counts_by_the_second_of_the_answer()
    {
        var meter = new Meter(new Clock());
        Count(Outcome.Done, due: 0, ended: 400_000);
        Count(Outcome.Refused, due: 0, ended: 1_200_000, code: 130429);
        Count(Outcome.Busy, due: 0, ended: 1_300_000, code: 503);
        Count(Outcome.Unknown, due: 0, ended: 1_400_000);
        Count(Outcome.Done, due: 2_000_000, ended: 2_100_000);

        Assert.Equal(
            [(1, 0, 0, 0), (0, 1, 1, 1), (1, 0, 0, 0)],
            meter.Seconds.Select(second => (second.Accepted, second.Refused, second.Busy, second.Unknown)));
        var summary = meter.Sum(seconds: 3);
        Assert.Equal((5, 2, 1, 2, 1), (summary.Sent, summary.Accepted, summary.Refused, summary.RefusedForLoad, summary.Unknown));
        Assert.Equal((1.0, 1_700.0), (summary.AnsweredPerSecond, summary.Silence));
        Assert.InRange(summary.Max, 1_190, 1_210);

        void Count(Outcome outcome, long due, long ended, int code = 0) => meter.Count(
            new Send { Business = 1, User = 1, Category = Topics.Utility, Key = 1, Outcome = outcome, Code = code, Ended = ended }, due);
    }
}
