using Actors.Tests;

namespace Actors.Cluster.Tests;

/// <summary>How a node starts, and how it says that it can't.</summary>
public sealed class StartTests
{
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_node_is_ready_after_less_than_five_seconds_of_work()
    {
        // Processor time, not the clock on the wall: other tests may have the processor. With a processor of its own a node isn't ready later than that.
        await using var node = await TestNode.StartAsync(TestNode.NewDataDirectory());
        Assert.InRange(node.StartWork, TimeSpan.Zero, _startLimit);
    }

    [Fact]
    public async Task A_node_says_where_it_is_and_what_to_try()
    {
        await using var node = await TestNode.StartAsync(TestNode.NewDataDirectory());
        Assert.Contains(node.Address.ToString().TrimEnd('/'), node.Output, StringComparison.Ordinal);
        Assert.Contains("token operator", node.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("warn:", node.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Storage:Provider=oracle", "sqlite")]
    [InlineData("Storage:Provider=postgres", "ConnectionStrings:Actors")]
    [InlineData("Storage:Directory=here", "Storage:Provider")]
    [InlineData("Auth:SigningKey=short", "32 bytes")]
    [InlineData("Policy:MarketingCap:PerDay=many", "PerDay")]
    [InlineData("Policy:MarketingCap:PerDay=-1", "PerDay")]
    [InlineData("Policy:MarketingCap:PerMonth=1", "PerWeek")]
    [InlineData("Policy:PairRate:Burst=0", "Burst")]
    [InlineData("Cluster:Mode=moon", "single")]
    [InlineData("Cluster:SiloPort=70000", "65535")]
    [InlineData("Ledger:Retention=forever", "Ledger:Retention")]
    public async Task A_wrong_configuration_stops_the_start_with_a_sentence(string setting, string says)
    {
        var (code, output) = await TestNode.RunAsync(TestNode.NewDataDirectory(), setting);
        Assert.NotEqual(0, code);
        Assert.Contains(says, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_PostgreSQL_that_is_not_there_stops_the_start_with_a_sentence()
    {
        string[] settings = ["Storage:Provider=postgres", "ConnectionStrings:Actors=Host=127.0.0.1;Port=1;Username=actors;Password=quiet-Secret-1"];
        var (code, output) = await TestNode.RunAsync(TestNode.NewDataDirectory(), settings);
        Assert.NotEqual(0, code);
        Assert.Contains("PostgreSQL", output, StringComparison.Ordinal);
        Assert.DoesNotContain("quiet-Secret-1", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_node_on_the_same_data_is_refused_with_a_sentence()
    {
        var data = TestNode.NewDataDirectory();
        await using var first = await TestNode.StartAsync(data);
        var (code, output) = await TestNode.RunAsync(data);
        Assert.NotEqual(0, code);
        Assert.Contains(data, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }
}
