using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Actors.Api.Tests;

/// <summary>A node whose tokens are made by an OpenID Connect provider: people come with a number that it has verified.</summary>
public sealed class AuthorityNodeTests : IAsyncLifetime
{
    private readonly Provider _provider = new();
    private NodeUnderAuthority _node = null!;

    public async ValueTask InitializeAsync()
    {
        await _provider.StartAsync();
        _node = new NodeUnderAuthority(_provider.Address);
        await _node.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task A_person_is_who_the_provider_has_verified_the_number_of()
    {
        var token = _provider.Token("user", ("phone_number", "+4915112340001"), ("phone_number_verified", true));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Put, "/v1/users/4915112340001/devices/phone", token));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Get, "/v1/users/4915112340001", token));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(HttpMethod.Get, "/v1/users/4915112340002", token));
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            await StatusAsync(HttpMethod.Get, "/v1/users/4915112340001", _provider.Token("user", ("phone_number", "+4915112340001"))));
    }

    [Fact]
    public async Task Keys_that_the_provider_changes_are_learnt_without_a_restart()
    {
        var old = _provider.Token("operator");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Get, "/v1/audit", old));

        _provider.ChangeKey();

        // The first token by the new key has the keys fetched; it may be refused itself. The test's time limit ends what never comes.
        while (await StatusAsync(HttpMethod.Get, "/v1/audit", _provider.Token("operator")) is var status && status != HttpStatusCode.OK)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, status);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    [Fact]
    public async Task No_token_is_made_here()
    {
        using var asked = new StringContent("""{"user":"4915112340003"}""", Encoding.UTF8, "application/json");
        using var answer = await _node.Http.PostAsync(new Uri("/v1/enrolments", UriKind.Relative), asked);

        Assert.Equal(HttpStatusCode.NotImplemented, answer.StatusCode);
        Assert.Equal("tokens_elsewhere", (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]);
    }

    private async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, string token)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new("Bearer", token);
        using var answer = await _node.Http.SendAsync(request);
        return answer.StatusCode;
    }

    private sealed class NodeUnderAuthority(string authority) : NodeFixture
    {
        protected override string[] Arguments => ["--Auth:Authority", authority];
    }

    /// <summary>As much of an OpenID Connect provider as a node asks for.</summary>
    private sealed class Provider : IAsyncDisposable
    {
        private RSA _key = RSA.Create(2048);
        private int _number = 1;
        private WebApplication _app = null!;

        public string Address { get; private set; } = "";

        public async Task StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            _app = builder.Build();
            _app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = Address, jwks_uri = Address + "/keys" }));
            _app.MapGet("/keys", () =>
            {
                var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(_key.ExportParameters(false)));
                return Results.Json(new { keys = new[] { new { kty = key.Kty, kid = $"k{_number}", n = key.N, e = key.E, use = "sig" } } });
            });
            await _app.StartAsync();
            Address = _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        }

        public void ChangeKey()
        {
            _key.Dispose();
            (_key, _number) = (RSA.Create(2048), _number + 1);
        }

        public string Token(string role, params (string Name, object Value)[] claims) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Address,
            Audience = "actors",
            Expires = TimeProvider.System.GetUtcNow().AddHours(1).UtcDateTime,
            Claims = claims.Append(("sub", "ann")).Append(("role", role)).ToDictionary(claim => claim.Item1, claim => claim.Item2),
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(_key) { KeyId = $"k{_number}" }, SecurityAlgorithms.RsaSha256),
        });

        public async ValueTask DisposeAsync()
        {
            await _app.DisposeAsync();
            _key.Dispose();
        }
    }
}
