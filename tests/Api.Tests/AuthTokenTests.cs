using System.Security.Cryptography;
using System.Text;
using Actors.Api.Auth;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TokenReader = Actors.Api.Auth.TokenReader;

namespace Actors.Api.Tests;

/// <summary>Which tokens are good.</summary>
public sealed class AuthTokenTests
{
    private const string Key = "0123456789abcdef0123456789abcdef";
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Noon);
    private readonly AuthSettings _settings = new() { SigningKey = Key };

    [Fact]
    public async Task A_token_says_who_it_stands_for()
    {
        var issuer = new TokenIssuer(_settings, _time);
        var reader = new TokenReader(_settings, _time);

        var business = await reader.ReadAsync(issuer.ForBusiness(1_000_000_001_000_000, Scopes.Send | Scopes.Read, 7, TimeSpan.FromHours(1)));
        var user = await reader.ReadAsync(issuer.ForUser(4_915_112_345_678, TimeSpan.FromHours(1)));
        var person = await reader.ReadAsync(issuer.ForOperator("ann", TimeSpan.FromHours(1)));

        Assert.Equal((CallerRole.Business, 1_000_000_001_000_000, 7), (business!.Role, business.Id, business.Epoch));
        Assert.Equal(Scopes.Send | Scopes.Read, business.Scopes);
        Assert.Equal((CallerRole.User, 4_915_112_345_678), (user!.Role, user.Id));
        Assert.Equal((CallerRole.Operator, "ann", "operator:ann"), (person!.Role, person.Name, person.Actor));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public async Task A_token_is_good_until_it_ends_also_when_it_is_remembered(int seconds, bool good)
    {
        var token = new TokenIssuer(_settings, _time).ForOperator("ann", TimeSpan.FromHours(1));
        var reader = new TokenReader(_settings, _time);
        Assert.NotNull(await reader.ReadAsync(token));

        _time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(seconds));

        Assert.Equal(good, await reader.ReadAsync(token) is not null);
        Assert.Equal(good, await new TokenReader(_settings, _time).ReadAsync(token) is not null);
    }

    [Fact]
    public async Task A_token_that_is_not_exactly_right_is_refused()
    {
        var reader = new TokenReader(_settings, _time);
        Assert.NotNull(await reader.ReadAsync(Token(_ => { })));

        string[] wrong =
        [
            "", "x", "a.b.c", new string('x', 10_000),
            Token(_ => { }) + "x",
            Token(_ => { }, key: "another-key-another-key-another-k"),
            Token(_ => { }, algorithm: SecurityAlgorithms.HmacSha512, key: Key + Key),
            Unsigned(),
            Token(d => d.Audience = "others"),
            Token(d => d.Audience = null),
            Token(d => d.Issuer = "others"),
            Token(d => d.Expires = null),
            Token(d => d.NotBefore = Noon.AddMinutes(5).UtcDateTime),
            Token(d => d.Claims["role"] = "root"),
            Token(d => d.Claims.Remove("role")),
            Token(d => d.Claims["sub"] = "a name with blanks"),
            Token(d => d.Claims.Remove("sub")),
            Token(d => (d.Claims["role"], d.Claims["sub"]) = ("user", "ann")),
            Token(d => (d.Claims["role"], d.Claims["sub"]) = ("business", "17")),
            Token(d => (d.Claims["role"], d.Claims["sub"], d.Claims["epoch"]) = ("business", "1000000001000000", 0)),
            Token(d => (d.Claims["role"], d.Claims["sub"], d.Claims["scope"]) = ("business", "1000000001000000", "send")),
            Token(d => (d.Claims["role"], d.Claims["sub"], d.Claims["scope"], d.Claims["epoch"]) = ("business", "1000000001000000", "root", 0)),
        ];

        foreach (var token in wrong)
        {
            Assert.Null(await reader.ReadAsync(token));
        }
    }

    [Fact]
    public async Task More_tokens_than_are_remembered_are_still_good()
    {
        var issuer = new TokenIssuer(_settings, _time);
        var reader = new TokenReader(_settings, _time);
        var first = issuer.ForUser(4_915_000_000_000, TimeSpan.FromHours(1));
        Assert.NotNull(await reader.ReadAsync(first));

        for (var i = 1; i <= 2 * TokenReader.GenerationMax; i++)
        {
            Assert.NotNull(await reader.ReadAsync(issuer.ForUser(4_915_000_000_000 + i, TimeSpan.FromHours(1))));
        }

        Assert.NotNull(await reader.ReadAsync(first));
        Assert.InRange(reader.Remembered, 1, 2 * TokenReader.GenerationMax);
    }

    [Fact]
    public async Task Tokens_of_an_openid_provider_are_checked_against_its_keys()
    {
        using var rsa = RSA.Create(2048);
        var key = new RsaSecurityKey(rsa) { KeyId = "k1" };
        var published = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(rsa.ExportParameters(false)) { KeyId = "k1" });
        await using var provider = await StartProviderAsync(published);
        var address = provider.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        var reader = new TokenReader(new AuthSettings { Authority = address }, _time);
        string Signed(SecurityKey by, string algorithm) => Make(d => d.Issuer = address, new SigningCredentials(by, algorithm));

        Assert.Equal("ann", (await reader.ReadAsync(Signed(key, SecurityAlgorithms.RsaSha256)))?.Name);
        Assert.Null(await reader.ReadAsync(Make(d => d.Issuer = "http://others", new SigningCredentials(key, SecurityAlgorithms.RsaSha256))));

        // A person is who the provider has verified the number of; its own ids are no numbers, whatever they look like.
        Assert.Equal(4_915_112_345_678, (await reader.ReadAsync(Person("+49 1511 2345678", verified: true)))?.Id);
        Assert.Null(await reader.ReadAsync(Person("+49 1511 2345678", verified: false)));
        Assert.Null(await reader.ReadAsync(Person("+49 1511 2345678", verified: null)));
        Assert.Null(await reader.ReadAsync(Person("ann", verified: true)));
        Assert.Null(await reader.ReadAsync(Person(null, verified: true)));

        // The public key as an HMAC secret: the oldest trick.
        var secret = new SymmetricSecurityKey(rsa.ExportSubjectPublicKeyInfo()) { KeyId = "k1" };
        Assert.Null(await reader.ReadAsync(Signed(secret, SecurityAlgorithms.HmacSha256)));

        string Person(string? number, bool? verified) => Make(
            d =>
            {
                (d.Issuer, d.Claims["role"], d.Claims["sub"]) = (address, "user", "4915187654321");
                if (number is not null)
                {
                    d.Claims["phone_number"] = number;
                }

                if (verified is { } flag)
                {
                    d.Claims["phone_number_verified"] = flag;
                }
            },
            new SigningCredentials(key, SecurityAlgorithms.RsaSha256));
    }

    [Fact]
    public async Task A_provider_that_is_away_is_an_outage_and_no_refusal()
    {
        var reader = new TokenReader(new AuthSettings { Authority = "http://127.0.0.1:9" }, _time);

        await Assert.ThrowsAsync<Contracts.OutageException>(async () => await reader.ReadAsync("a.b.c"));
    }

    private static string Token(Action<SecurityTokenDescriptor> change, string key = Key, string algorithm = SecurityAlgorithms.HmacSha256) =>
        Make(change, new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key)), algorithm));

    private static string Unsigned() => Make(_ => { }, null);

    private static string Make(Action<SecurityTokenDescriptor> change, SigningCredentials? credentials)
    {
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = "actors",
            Audience = "actors",
            Expires = Noon.AddHours(1).UtcDateTime,
            Claims = new Dictionary<string, object> { ["sub"] = "ann", ["role"] = "operator" },
            SigningCredentials = credentials,
        };
        change(descriptor);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
    }

    private static async Task<WebApplication> StartProviderAsync(JsonWebKey key)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/.well-known/openid-configuration", (HttpRequest request) =>
        {
            var self = $"{request.Scheme}://{request.Host}";
            return Results.Json(new { issuer = self, jwks_uri = self + "/keys" });
        });
        app.MapGet("/keys", () => Results.Json(new { keys = new[] { new { kty = key.Kty, kid = key.KeyId, n = key.N, e = key.E, use = "sig" } } }));
        await app.StartAsync();
        return app;
    }
}
