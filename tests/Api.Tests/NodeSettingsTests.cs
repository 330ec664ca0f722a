using Actors.Api.Hosting;
using Actors.Grains;
using Actors.Policy;
using Actors.Silo;
using Microsoft.Extensions.Configuration;

namespace Actors.Api.Tests;

public sealed class NodeSettingsTests
{
    [Fact]
    public void Nothing_configured_is_SQLite_in_the_data_directory()
    {
        var settings = NodeSettings.Read(Configuration());

        Assert.Equal(StorageProvider.Sqlite, settings.Provider);
        Assert.Equal(Path.GetFullPath("data"), settings.DataDirectory);
        Assert.Equal((TimeSpan.FromDays(90), TimeSpan.FromDays(30)), (settings.Retention, settings.ContentRetention));
        Assert.Equal(TimeSpan.FromDays(90), PolicyNumbers.Default.Bound(settings.Retention).Messages.KeyLife);
    }

    [Fact]
    public void Users_are_split_over_the_servers_that_are_written_in_their_order()
    {
        var settings = NodeSettings.Read(Configuration(
            ("Storage:Provider", "postgres"), ("ConnectionStrings:Actors", "Host=home"), ("Ledger:Servers:2", "Host=b"), ("Ledger:Servers:1", "Host=a")));

        Assert.Equal(("Host=home", "Host=a, Host=b"), (settings.ConnectionString, string.Join(", ", settings.OtherServers)));
    }

    [Fact]
    public void No_content_and_no_key_outlives_the_row_of_its_message()
    {
        var few = NodeSettings.Read(Configuration(("Ledger:Retention", "8.00:00:00")));
        var wrong = Assert.Throws<ConfigurationException>(
            () => NodeSettings.Read(Configuration(("Ledger:Retention", "8.00:00:00"), ("Ledger:ContentRetention", "8.00:00:01"))));

        Assert.Equal(TimeSpan.FromDays(8), few.ContentRetention);
        Assert.Equal(TimeSpan.FromDays(8), PolicyNumbers.Default.Bound(few.Retention).Messages.KeyLife);
        Assert.Contains("longer than Ledger:Retention", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Storage:Provider", "oracle", "write sqlite (the default) or postgres")]
    [InlineData("Storage:Provider", "postgres", "ConnectionStrings:Actors is missing")]
    [InlineData("Storage:Providor", "sqlite", "Storage:Providor is unknown")]
    [InlineData("ConnectionStrings:Actors", "Host=x", "write --Storage:Provider postgres")]
    [InlineData("Cluster:Mode", "swarm", "write single (the default) or postgres")]
    [InlineData("Cluster:Mode", "postgres", "ConnectionStrings:Actors is missing")]
    [InlineData("Cluster:Directory", "none", "write distributed (the default) or local")]
    [InlineData("Cluster:SiloPort", "65536", "write a whole number from 0 to 65535")]
    [InlineData("Cluster:SiloPort", "-1", "write a whole number from 0 to 65535")]
    [InlineData("Ledger:Retention", "soon", "write a length of time")]
    [InlineData("Ledger:Retention", "7.23:59:59", "from 8.00:00:00 to")]
    [InlineData("Ledger:ContentRetention", "23:59:59", "from 1.00:00:00 to 90.00:00:00")]
    [InlineData("Ledger:ContentRetention", "90.00:00:01", "from 1.00:00:00 to 90.00:00:00")]
    [InlineData("Ledger:Batch", "1", "Ledger:Batch is unknown")]
    [InlineData("Ledger:Servers:1", "Host=x", "write --Storage:Provider postgres")]
    [InlineData("Ledger:Servers:0", "Host=x", "The first server of all is ConnectionStrings:Actors")]
    [InlineData("Ledger:Servers:2", "Host=x", "none left out")]
    [InlineData("Ledger:Servers", "Host=x", "write Ledger:Servers:1")]
    [InlineData("Ledger:Servers:1:Host", "x", "write Ledger:Servers:1")]
    [InlineData("Ledger:Server:1", "Host=x", "Ledger:Server:1 is unknown")]
    [InlineData("Auth:SigningKey", "too short", "shorter than 32 bytes")]
    public void A_wrong_configuration_stops_the_start_with_a_sentence_that_says_what_to_write(string key, string value, string sentence)
    {
        var error = Assert.Throws<ConfigurationException>(() => NodeSettings.Read(Configuration((key, value))));

        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("too short", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_number_of_the_policy_can_be_configured()
    {
        var (numbers, adopt) = PolicyConfiguration.Read(Configuration(
            ("Policy:Consent:FutureTolerance", "00:01:00"),
            ("Policy:Consent:StopWords:0", "HALT"),
            ("Policy:Consent:StopAllWords:0", "HALT ALL"),
            ("Policy:Consent:StartWords:0", "GO"),
            ("Policy:Window:Length", "12:00:00"),
            ("Policy:MarketingCap:PerDay", "3"),
            ("Policy:MarketingCap:PerWeek", "7"),
            ("Policy:MarketingCap:PerBusinessPerDay", "2"),
            ("Policy:MarketingCap:PerDayEngaged", "5"),
            ("Policy:MarketingCap:PerDayUnengaged", "2"),
            ("Policy:MarketingCap:EngagementFrom", "4"),
            ("Policy:MarketingCap:EngagementOver", "8"),
            ("Policy:MarketingCap:EngagedPercent", "70"),
            ("Policy:MarketingCap:UnengagedPercent", "20"),
            ("Policy:MarketingCap:OutcomeAfter", "1.00:00:00"),
            ("Policy:MarketingCap:Rest", "3.00:00:00"),
            ("Policy:PairRate:Interval", "00:00:00"),
            ("Policy:PairRate:Burst", "1"),
            ("Policy:Throughput:Default", "1000"),
            ("Policy:Templates:AutoApprove", "true"),
            ("Policy:Messages:UndeliveredMax", "5"),
            ("Policy:Messages:KeyLife", "1.00:00:00"),
            ("Policy:Adopt", "true")));

        Assert.True(adopt);
        Assert.Equal(TimeSpan.FromMinutes(1), numbers.Consent.FutureTolerance);
        Assert.Equal(["HALT"], numbers.Consent.StopWords);
        Assert.Equal(["HALT ALL"], numbers.Consent.StopAllWords);
        Assert.Equal(["GO"], numbers.Consent.StartWords);
        Assert.Equal(TimeSpan.FromHours(12), numbers.Window.Length);
        Assert.Equal((3, 7, 2), (numbers.MarketingCap.PerDay, numbers.MarketingCap.PerWeek, numbers.MarketingCap.PerBusinessPerDay));
        Assert.Equal(
            new Policy.MarketingCapNumbers
            {
                PerDay = 3,
                PerWeek = 7,
                PerBusinessPerDay = 2,
                PerDayEngaged = 5,
                PerDayUnengaged = 2,
                EngagementFrom = 4,
                EngagementOver = 8,
                EngagedPercent = 70,
                UnengagedPercent = 20,
                OutcomeAfter = TimeSpan.FromDays(1),
                Rest = TimeSpan.FromDays(3),
            },
            numbers.MarketingCap);
        Assert.Equal((TimeSpan.Zero, 1), (numbers.PairRate.Interval, numbers.PairRate.Burst));
        Assert.Equal(1000, numbers.Throughput.Default);
        Assert.True(numbers.Templates.AutoApprove);
        Assert.Equal((5, TimeSpan.FromDays(1)), (numbers.Messages.UndeliveredMax, numbers.Messages.KeyLife));
    }

    [Theory]
    [InlineData("Policy:MarketingCap:PerDay", "33", "Policy:MarketingCap:PerDay is \"33\"")]
    [InlineData("Policy:MarketingCap:PerDay", "two", "write a whole number")]
    [InlineData("Policy:MarketingCap:PerHour", "2", "Policy:MarketingCap:PerHour is unknown")]
    [InlineData("Policy:Cap:PerDay", "2", "Policy:Cap:PerDay is unknown")]
    [InlineData("Policy:MarketingCap", "2", "Policy:MarketingCap is unknown")]
    [InlineData("Policy:Adopt", "perhaps", "Policy:Adopt is \"perhaps\": write true or false")]
    [InlineData("Policy:Consent:StopWords", "STOP", "write one key for each word, such as --Policy:Consent:StopWords:0 STOP")]
    [InlineData("Policy:Consent:StopWords:0", "!", "must hold words of 1 to 64 characters")]
    [InlineData("Policy:Window:Length", "0", "Policy:Window:Length is \"0\"")]
    [InlineData("Policy:Templates:AutoApprove", "maybe", "write true or false")]
    public void A_wrong_number_stops_the_start_with_a_sentence_that_names_it(string key, string value, string sentence)
    {
        var error = Assert.Throws<ConfigurationException>(() => PolicyConfiguration.Read(Configuration((key, value))));

        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_configured_is_the_policy_as_documented() =>
        Assert.Equal(new ConfiguredPolicy(PolicyNumbers.Default, Adopt: false), PolicyConfiguration.Read(Configuration()));

    private static IConfiguration Configuration(params (string Key, string Value)[] pairs) =>
        new ConfigurationBuilder().AddInMemoryCollection(pairs.Select(p => KeyValuePair.Create(p.Key, (string?)p.Value))).Build();
}
