using Actors.Api.Hosting;
using Actors.Silo;
using Microsoft.Extensions.Configuration;

namespace Actors.Api.Tests;

/// <summary>A member of a cluster starts only with what the others have, too; and says what is missing.</summary>
public sealed class ClusterSettingsTests
{
    private const string Key = "a key that is long enough for anybody";

    [Fact]
    public void A_member_listens_on_the_loopback_address_unless_it_is_told_otherwise()
    {
        var settings = NodeSettings.Read(Configuration(Member));

        Assert.Equal(("127.0.0.1", 11_111, 30_000), (settings.AdvertisedAddress, settings.SiloPort, settings.GatewayPort));
        Assert.Equal(GrainDirectoryKind.Distributed, settings.Directory);
        Assert.Equal(("actors", TimeSpan.FromSeconds(3)), (settings.Cluster!.Id, settings.Cluster.DrainWait));
        Assert.Null(settings.Cluster.Tls);
    }

    [Fact]
    public void Without_a_key_that_all_share_no_member_starts()
    {
        var without = Member.Where(setting => setting.Key != "Auth:SigningKey").ToArray();

        Assert.Contains("a key that all its nodes share", Wrong(() => NodeSettings.Read(Configuration(without))), StringComparison.Ordinal);
        Assert.Contains(
            "a key that all its nodes share",
            Wrong(() => ApiNode.Build([.. without.Where(setting => setting.Key != "Storage:Provider").Select(setting => $"--{setting.Key}={setting.Value}")])),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Members_share_their_storage()
    {
        var alone = Member.Select(setting => setting.Key == "Storage:Provider" ? (setting.Key, "sqlite") : setting)
            .Where(setting => setting.Key != "ConnectionStrings:Actors").ToArray();

        Assert.Contains("ConnectionStrings:Actors is missing", Wrong(() => NodeSettings.Read(Configuration(alone))), StringComparison.Ordinal);
    }

    [Fact]
    public void An_API_node_needs_a_cluster_and_refuses_keys_that_nobody_reads()
    {
        Assert.Contains("write --Cluster:Mode postgres", Wrong(() => ApiNode.Build([])), StringComparison.Ordinal);
        Assert.Contains("Http:Apy is unknown", Wrong(() => ApiNode.Build(["--Http:Apy=true"])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_members_port_is_one_that_the_others_can_know()
    {
        Assert.Contains(
            "from 1 to 65535", Wrong(() => NodeSettings.Read(Configuration([.. Member, ("Cluster:SiloPort", "0")]))), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_the_files_for_TLS_none_may_be_missing()
    {
        var some = Member.Append(("Cluster:Tls:Certificate", "node.pem")).ToArray();
        var wrong = some.Append(("Cluster:Tls:Key", "node.key")).Append(("Cluster:Tls:Authority", "authority.pem")).ToArray();

        Assert.Contains("needs all of Certificate, Key and Authority", Wrong(() => NodeSettings.Read(Configuration(some))), StringComparison.Ordinal);
        Assert.Contains("Cluster:Tls can't be read", Wrong(() => NodeSettings.Read(Configuration(wrong))), StringComparison.Ordinal);
    }

    private static (string Key, string Value)[] Member =>
    [
        ("Cluster:Mode", "postgres"),
        ("Storage:Provider", "postgres"),
        ("ConnectionStrings:Actors", "Host=127.0.0.1;Database=actors;Username=actors"),
        ("Auth:SigningKey", Key),
    ];

    private static string Wrong(Action act) => Assert.Throws<ConfigurationException>(act).Message;

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value))).Build();
}
