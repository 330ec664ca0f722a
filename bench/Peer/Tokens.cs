using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Actors.Bench.Peer;

/// <summary>Checks tokens (HS256), and remembers those that were good until they expire.</summary>
internal sealed class Tokens(string signingKey, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, (long Business, DateTime Expires)> _known = new(StringComparer.Ordinal);
    private readonly JsonWebTokenHandler _handler = new();
    private readonly TokenValidationParameters _parameters = new()
    {
        IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(signingKey)),
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        ValidAudience = "actors",
        ValidateIssuer = false,
        RequireExpirationTime = true,
    };

    /// <summary>The business that a token stands for; null when it is no good.</summary>
    public async ValueTask<long?> BusinessAsync(string? authorization)
    {
        if (authorization is null || !authorization.StartsWith("Bearer ", StringComparison.Ordinal))
        {
            return null;
        }

        var now = time.GetUtcNow().UtcDateTime;
        if (_known.TryGetValue(authorization, out var known) && now < known.Expires)
        {
            return known.Business;
        }

        var result = await _handler.ValidateTokenAsync(authorization["Bearer ".Length..], _parameters);
        if (!result.IsValid
            || !result.Claims.TryGetValue("role", out var role) || role is not "business"
            || !result.Claims.TryGetValue("sub", out var subject)
            || !long.TryParse(subject as string, NumberStyles.None, CultureInfo.InvariantCulture, out var business))
        {
            return null;
        }

        _known[authorization] = (business, result.SecurityToken.ValidTo);
        return business;
    }
}
