namespace Actors.Api.Tests.Inbox;

/// <summary>What becomes of streams when their node stops, and where a node has none to give.</summary>
public sealed class StreamStopTests
{
    [Fact]
    public async Task A_node_that_stops_ends_its_streams_and_doesnt_wait_for_their_devices()
    {
        var node = new NodeFixture();
        await node.InitializeAsync();
        await using var device = await StreamClient.OpenAsync(node, NodeFixture.NewUser());
        var stopping = node.DisposeAsync().AsTask();
        await device.Ended;
        await stopping;
    }

    [Fact]
    public async Task Beyond_its_number_of_streams_a_node_says_503_and_when_to_come_again()
    {
        await using var node = new OneStreamNode();
        await node.InitializeAsync();
        var first = await StreamClient.OpenAsync(node, NodeFixture.NewUser());
        await using var refused = await StreamClient.TryOpenAsync(node, NodeFixture.NewUser());
        Assert.Equal(503, refused.Status);

        // A stream has no place among the requests: there is only one of these, too.
        while ((await node.CallAsync("GET", "/v1/nothing", null)).Status != 404)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        await first.DisposeAsync();
        while (true)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await using var next = await StreamClient.TryOpenAsync(node, NodeFixture.NewUser());
            if (next.Status == 200)
            {
                return;
            }
        }
    }

    private sealed class OneStreamNode : NodeFixture
    {
        protected override string[] Arguments => ["--Http:StreamsMax", "1", "--Http:InFlightMax", "1"];
    }
}
