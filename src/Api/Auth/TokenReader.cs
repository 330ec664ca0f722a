using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Actors.Contracts;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Actors.Api.Auth;

/// <summary>Says who a token stands for. Checks a token once and remembers the answer until the token ends.</summary>
internal sealed class TokenReader
{
    private const int TokenCharactersMax = 8_192;

    /// <summary>Most tokens of one generation of the cache.</summary>
    public const int GenerationMax = 16_384;

    private static readonly string[] AuthorityAlgorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256,
        SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384,
    ];

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = TokenCharactersMax };
    private readonly TokenValidationParameters _parameters;
    private readonly ConfigurationManager<OpenIdConnectConfiguration>? _authority;
    private readonly TimeProvider _time;

    // Two generations bound the cache: when the young one is full it becomes the old one, and who is still in use moves over.
    private ConcurrentDictionary<string, Caller> _young = new();
    private ConcurrentDictionary<string, Caller> _old = new();

    public TokenReader(AuthSettings settings, TimeProvider time)
    {
        _time = time;
        _parameters = new()
        {
            ValidAudience = settings.Audience,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            LifetimeValidator = IsAlive,
        };
        if (settings.SigningKey is { } key)
        {
            _parameters.ValidIssuer = TokenIssuer.Issuer;
            _parameters.ValidAlgorithms = [SecurityAlgorithms.HmacSha256];
            _parameters.IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key));
        }
        else
        {
            var authority = settings.Authority!.TrimEnd('/');
            var retriever = new HttpDocumentRetriever { RequireHttps = authority.StartsWith("https:", StringComparison.OrdinalIgnoreCase) };
            _authority = new(authority + "/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(), retriever);
            _parameters.ValidAlgorithms = AuthorityAlgorithms;
            _parameters.ConfigurationManager = _authority;
        }
    }

    /// <summary>How many tokens are remembered; at most two generations.</summary>
    public int Remembered => _young.Count + _old.Count;

    /// <summary>Who the token stands for; null when it is not good.</summary>
    /// <exception cref="OutageException">The authority's keys can't be had.</exception>
    public ValueTask<Caller?> ReadAsync(ReadOnlySpan<char> token)
    {
        if (_young.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(token, out var caller))
        {
            return new(caller.ExpiresAt > _time.GetUtcNow() ? caller : null);
        }

        return token.Length is 0 or > TokenCharactersMax ? default : CheckAsync(token.ToString());
    }

    /// <summary>Whether an operator may be called so.</summary>
    public static bool IsOperatorName(string? name) =>
        name is { Length: >= 1 and <= 64 } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '@' or '-');

    private async ValueTask<Caller?> CheckAsync(string token)
    {
        if (!_old.TryGetValue(token, out var caller) || caller.ExpiresAt <= _time.GetUtcNow())
        {
            caller = await ValidateAsync(token);
        }

        if (caller is not null)
        {
            if (_young.Count >= GenerationMax)
            {
                (_old, _young) = (_young, new());
            }

            _young[token] = caller;
        }

        return caller;
    }

    private async Task<Caller?> ValidateAsync(string token)
    {
        if (_authority is not null)
        {
            try
            {
                await _authority.GetConfigurationAsync(CancellationToken.None);
            }
            catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException or TaskCanceledException)
            {
                throw new OutageException(OutageKind.Unavailable, "the keys of Auth:Authority can't be fetched: " + e.Message);
            }
        }

        var result = await _handler.ValidateTokenAsync(token, _parameters);
        return result is { IsValid: true, SecurityToken: JsonWebToken jwt } ? From(jwt, isOurs: _authority is null) : null;
    }

    private static Caller? From(JsonWebToken jwt, bool isOurs)
    {
        var expiresAt = new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero);
        var subject = jwt.Subject;
        switch (Text(jwt, "role"))
        {
            case "operator" when IsOperatorName(subject):
                return new(CallerRole.Operator, 0, subject, Scopes.None, 0, expiresAt);
            case "user" when PhoneDigits.TryParse(isOurs ? subject : VerifiedNumber(jwt), out var user):
                return new(CallerRole.User, user, "", Scopes.None, 0, expiresAt);
            case "business" when TryId(subject, out var business) && Ids.KindOf(business) == IdKind.Business
                && ScopeText.TryParse(Text(jwt, "scope"), out var scopes) && jwt.TryGetPayloadValue<int>("epoch", out var epoch):
                return new(CallerRole.Business, business, "", scopes, epoch, expiresAt);
            default:
                return null;
        }
    }

    /// <summary>
    /// The number that a provider has verified. Its subjects are ids of its own: one of digits only would be taken for the number of somebody else.
    /// </summary>
    private static string? VerifiedNumber(JsonWebToken jwt) =>
        jwt.TryGetPayloadValue<bool>("phone_number_verified", out var verified) && verified ? Text(jwt, "phone_number") : null;

    private static string? Text(JsonWebToken jwt, string claim) => jwt.TryGetPayloadValue<string>(claim, out var value) ? value : null;

    private static bool TryId(string? text, out long id) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);

    private bool IsAlive(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        // Tokens of others may come from a clock that is a little ahead; a token that has ended has ended.
        var now = _time.GetUtcNow().UtcDateTime;
        return expires > now && (notBefore is null || notBefore <= now.AddMinutes(1));
    }
}
