using System.Collections.Concurrent;
using Actors.Tests;

namespace Actors.Cluster.Tests;

/// <summary>A clean stop under load: what is in flight is answered or refused, nothing hangs, nothing is lost.</summary>
public sealed class StopTests
{
    private const int Sends = 600;
    private const int StopAfter = 150;
    private static readonly string[] _settings = ["Policy:Throughput:Default=100000", "Policy:PairRate:Burst=100000", "Policy:Templates:AutoApprove=true"];

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_stop_answers_what_is_in_flight(string signal)
    {
        var data = TestNode.NewDataDirectory();
        var token = await TestNode.TokenAsync("operator", "tests");
        var accepted = new ConcurrentBag<string>();
        TestBusiness business;
        await using (var node = await TestNode.StartAsync(data, _settings))
        {
            var platform = new TestPlatform(node.Http, token);
            business = await platform.RegisterAsync("Corner Shop");
            await platform.CreateTemplateAsync(business, "receipt", "UTILITY", "Your order is paid.");
            await platform.OptInAsync(business, Enumerable.Range(0, Sends).Select(UserAt), TimeProvider.System.GetUtcNow());

            var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var stopped = StopAsync(node, enough.Task, signal);
            await Parallel.ForEachAsync(Enumerable.Range(0, Sends), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (index, _) =>
            {
                var answer = await platform.SendAsync(business, TestPlatform.Template(UserAt(index), "receipt"), $"key-{index}");
                Assert.True(answer.Wamid is not null || answer.IsOpen, $"neither accepted nor refused for the stop: {answer}");
                if (answer.Wamid is not null)
                {
                    accepted.Add(answer.Wamid);
                    if (accepted.Count == StopAfter)
                    {
                        enough.TrySetResult();
                    }
                }
            });
            Assert.Equal(0, await stopped);
            Assert.DoesNotContain("Unhandled exception", node.Output, StringComparison.Ordinal);
        }

        await using var again = await TestNode.StartAsync(data, _settings);
        var events = (await new TestPlatform(again.Http, token).EventsAsync(business))
            .Where(line => (string?)line["kind"] == "accepted").Select(line => (string)line["message"]!).ToList();
        Assert.Empty(accepted.Except(events));

        // Every request that reached the node was answered: nothing was recorded that nobody was told of.
        Assert.Empty(events.Except(accepted));
    }

    private static async Task<int> StopAsync(TestNode node, Task enough, string signal)
    {
        await enough;
        return await node.StopAsync(signal);
    }

    private static long UserAt(int index) => 34600200000 + index;
}
