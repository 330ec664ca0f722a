using System.Globalization;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Actors.Api.Auth;

/// <summary>Makes tokens with the node's own signing key. Not to be had where an authority makes them.</summary>
public sealed class TokenIssuer
{
    internal const string Issuer = "actors";
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly SigningCredentials _credentials;
    private readonly string _audience;
    private readonly TimeProvider _time;

    /// <summary>Creates it.</summary>
    /// <exception cref="InvalidOperationException">The settings have no signing key.</exception>
    public TokenIssuer(AuthSettings settings, TimeProvider time)
    {
        if (settings.SigningKey is not { } key)
        {
            throw new InvalidOperationException("Tokens are made by the provider at Auth:Authority, not here.");
        }

        _credentials = new(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key)), SecurityAlgorithms.HmacSha256);
        (_audience, _time) = (settings.Audience, time);
    }

    /// <summary>Longest life of a token in days.</summary>
    public const int DaysMax = 3_650;

    /// <summary>A token for an operator.</summary>
    /// <param name="name">1 to 64 characters out of letters, digits and <c>._@-</c>.</param>
    public string ForOperator(string name, TimeSpan life) =>
        TokenReader.IsOperatorName(name) ? Issue("operator", name, life, []) : throw new ArgumentException("not an operator's name", nameof(name));

    /// <summary>A token for a user.</summary>
    /// <param name="user">The wa_id.</param>
    public string ForUser(long user, TimeSpan life) => Issue("user", user.ToString(CultureInfo.InvariantCulture), life, []);

    /// <summary>A token for a business.</summary>
    /// <param name="epoch">The business's token epoch (<c>IBusinessGrain.TokenIssuedAsync</c>): the token ends when it moves.</param>
    public string ForBusiness(long business, Scopes scopes, int epoch, TimeSpan life) => Issue(
        "business",
        business.ToString(CultureInfo.InvariantCulture),
        life,
        new() { ["scope"] = ScopeText.Format(scopes), ["epoch"] = epoch });

    private string Issue(string role, string subject, TimeSpan life, Dictionary<string, object> claims)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(life, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(life, TimeSpan.FromDays(DaysMax));
        var now = _time.GetUtcNow().UtcDateTime;
        claims["sub"] = subject;
        claims["role"] = role;
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = _audience,
            IssuedAt = now,
            Expires = now + life,
            Claims = claims,
            SigningCredentials = _credentials,
        });
    }
}
