using System.Net;
using System.Text;
using Actors.Api.Enrolments;
using Actors.Contracts;
using Actors.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Actors.Api.Tests;

/// <summary>Where codes go, and what keeps them from going too often.</summary>
public sealed class EnrolmentChannelTests
{
    private static readonly Instant Until = new(1_790_000_600_000);

    [Theory]
    [InlineData(null, null, "None")]
    [InlineData("Production", null, "None")]
    [InlineData("Development", null, "Console")]
    [InlineData("Development", "none", "None")]
    [InlineData("Production", "console", "Console")]
    public void Codes_are_printed_in_development_and_nowhere_else_unless_configured(string? environment, string? channel, string expected) =>
        Assert.Equal(expected, EnrolmentSettings.From(Configuration(("environment", environment), ("Enrolment:Channel", channel))).Channel.ToString());

    [Theory]
    [InlineData("Enrolment:Channel", "sms", "none, console")]
    [InlineData("Enrolment:Channel", "http", "Enrolment:Url is missing")]
    [InlineData("Enrolment:Url", "https://sms.example", "isn't http")]
    [InlineData("Enrolment:Url", "http://sms.example", "https address")]
    [InlineData("Enrolment:TokenDays", "0", "from 1 to 3650")]
    [InlineData("Enrolment:PerAddress", "x", "from 1 to 1000000")]
    [InlineData("Enrolment:PerHour", "1000001", "from 1 to 1000000")]
    [InlineData("Enrolment:WrongPerHour", "0", "from 1 to 1000000")]
    public void A_wrong_setting_says_what_to_write(string key, string value, string sentence) =>
        Assert.Contains(
            sentence, Assert.Throws<InvalidOperationException>(() => EnrolmentSettings.From(Configuration((key, value)))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task The_console_shows_the_code_and_no_whole_number()
    {
        var log = new Lines();
        await new ConsoleChannel(log).SendAsync(4_915_112_345_607, "012345", Until, CancellationToken.None);
        var line = Assert.Single(log.Written);
        Assert.Contains("ends in 07 is 012345", line, StringComparison.Ordinal);
        Assert.DoesNotContain("345607", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_gets_number_and_code_and_follows_nowhere_else()
    {
        var got = new List<(string? Authorization, string Body)>();
        var status = 204;
        await using var gateway = await StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            got.Add((context.Request.Headers.Authorization, await reader.ReadToEndAsync()));
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
        });
        var address = gateway.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        using var channel = new HttpChannel(
            new EnrolmentSettings { Channel = EnrolmentChannelKind.Http, Url = new Uri(address), Token = "known" }, NullLogger<HttpChannel>.Instance);

        await channel.SendAsync(4_915_112_345_678, "012345", Until, CancellationToken.None);
        Assert.Equal("Bearer known", Assert.Single(got).Authorization);
        Assert.Contains("\"to\":\"\\u002B4915112345678\",\"code\":\"012345\"", got[0].Body, StringComparison.Ordinal);

        foreach (var refused in new[] { 302, 400, 500 })
        {
            status = refused;
            await Assert.ThrowsAsync<OutageException>(() => channel.SendAsync(1_234_567, "012345", Until, CancellationToken.None));
        }

        Assert.Equal(4, got.Count);
    }

    [Fact]
    public async Task A_gateway_that_is_away_is_an_outage()
    {
        using var channel = new HttpChannel(
            new EnrolmentSettings { Channel = EnrolmentChannelKind.Http, Url = new Uri("http://127.0.0.1:9") }, NullLogger<HttpChannel>.Instance);
        await Assert.ThrowsAsync<OutageException>(() => channel.SendAsync(1_234_567, "012345", Until, CancellationToken.None));
    }

    [Fact]
    public void An_address_and_all_together_have_their_bounds()
    {
        var time = new FakeTimeProvider();
        var rates = new EnrolmentRates(new EnrolmentSettings { PerAddress = 2, PerHour = 3 }, time);
        Assert.Null(rates.TakeCode(IPAddress.Parse("2001:db8::1")));
        Assert.Null(rates.TakeCode(IPAddress.Parse("2001:db8::2")));
        Assert.NotNull(rates.TakeCode(IPAddress.Parse("2001:db8::3")));   // of the same network
        Assert.Null(rates.TakeCode(IPAddress.Parse("192.0.2.1")));
        Assert.NotNull(rates.TakeCode(IPAddress.Parse("192.0.2.2")));   // all together
        for (var tried = 0; tried < 10; tried++)
        {
            Assert.Null(rates.TakeTry(IPAddress.Parse("192.0.2.1")));
        }

        Assert.NotNull(rates.TakeTry(IPAddress.Parse("::ffff:192.0.2.1")));
        time.Advance(TimeSpan.FromMinutes(61));
        Assert.Null(rates.TakeCode(IPAddress.Parse("192.0.2.2")));
        Assert.Null(rates.TakeTry(IPAddress.Parse("192.0.2.1")));
    }

    [Fact]
    public void Networks_without_end_are_not_remembered_without_end()
    {
        var time = new FakeTimeProvider();
        var rates = new EnrolmentRates(new EnrolmentSettings { PerHour = 3, WrongPerHour = 1 }, time);
        Assert.Equal(3, Networks(30_000).Count(network => rates.TakeCode(network) is null));
        Assert.Equal(3, rates.Remembered);   // whoever comes when all codes are gone leaves nothing

        // Tries of made-up ids are never wrong: each counts for its network only, and there are so many and no more.
        Assert.Equal(20_000, Networks(30_000).Count(network => rates.TakeTry(network) is null));
        Assert.Equal(20_003, rates.Remembered);
        time.Advance(TimeSpan.FromMinutes(61));
        Assert.Null(rates.TakeTry(IPAddress.Parse("192.0.2.1")));
        Assert.Equal(4, rates.Remembered);

        rates.NoteWrong();
        Assert.All(Networks(10), network => Assert.NotNull(rates.TakeTry(network)));
        Assert.Equal(4, rates.Remembered);

        static IEnumerable<IPAddress> Networks(int count) => Enumerable.Range(0, count).Select(i => IPAddress.Parse($"2001:db8:{i >> 16:x}:{i & 0xffff:x}::1"));
    }

    [Fact]
    public void Ids_tell_no_number_and_serials_and_codes_differ()
    {
        using var keys = new EnrolmentKeys(new byte[32]);
        var serials = Enumerable.Range(0, 1_000).Select(_ => EnrolmentKeys.NewSerial()).ToArray();
        Assert.All(serials, serial => Assert.InRange(serial, 1, (1L << 48) - 1));
        Assert.Equal(serials.Length, serials.Distinct().Count());
        Assert.All(Enumerable.Range(0, 1_000).Select(_ => EnrolmentKeys.NewCode()), code => Assert.Matches("^[0-9]{6}$", code));

        var id = keys.IdOf(4_915_112_345_678, serials[0]);
        Assert.True(keys.TryRead(id, out var user, out var serial));
        Assert.Equal((4_915_112_345_678, serials[0]), (user, serial));
        Assert.DoesNotContain("4915112345678", id, StringComparison.Ordinal);
        Assert.NotEqual(keys.ProofOf(1_234_567, 1, "000000"), keys.ProofOf(1_234_567, 2, "000000"));
        Assert.NotEqual(keys.ProofOf(1_234_567, 1, "000000"), keys.ProofOf(1_234_568, 1, "000000"));
        Assert.NotEqual(keys.GrainOf(1_234_567), keys.GrainOf(1_234_568));
    }

    private static IConfiguration Configuration(params (string Key, string? Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Key, v.Value))).Build();

    private static async Task<WebApplication> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return app;
    }

    private sealed class Lines : ILogger<ConsoleChannel>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add(formatter(state, exception));
    }
}
