using System.Collections.Immutable;
using System.Text.Json;
using Actors.Contracts;

namespace Actors.Api.Graph.Management;

/// <summary>Reads a change of a profile: what isn't there stays, what is empty is cleared.</summary>
internal static class ProfileParser
{
    private static readonly string[] Verticals =
    [
        "UNDEFINED", "OTHER", "AUTO", "BEAUTY", "APPAREL", "EDU", "ENTERTAIN", "EVENT_PLAN", "FINANCE", "GROCERY", "GOVT", "HOTEL", "HEALTH", "NONPROFIT",
        "PROF_SERVICES", "RETAIL", "TRAVEL", "RESTAURANT", "ALCOHOL", "ONLINE_GAMBLING", "PHYSICAL_GAMBLING", "OTC_DRUGS", "MATRIMONY_SERVICE",
    ];

    /// <summary>Reads a body; the fault is null exactly when the profile is good.</summary>
    public static GraphError? Parse(JsonElement body, out BusinessProfile? profile)
    {
        BusinessProfile? read = null;
        var fault = JsonFields.Read(body, (fields, root) => read = Read(fields, root));
        profile = fault is null ? read : null;
        return fault;
    }

    private static BusinessProfile Read(JsonFields fields, JsonElement body)
    {
        fields.Product(body);
        var about = fields.Text(body, "", "about", 139);
        if (about is { Length: 0 })
        {
            fields.Fail(GraphError.Invalid("about: it must have 1 to 139 characters"));
        }

        var email = fields.Text(body, "", "email", 128);
        if (email is { Length: > 0 } && (email.StartsWith('@') || email.EndsWith('@') || !email.Contains('@', StringComparison.Ordinal)))
        {
            fields.Fail(GraphError.Invalid("email: it is no e-mail address"));
        }

        var vertical = fields.Text(body, "", "vertical", 64);
        if (vertical is { Length: > 0 } && !Verticals.Contains(vertical))
        {
            fields.Fail(GraphError.Invalid("vertical: it is none of " + string.Join(", ", Verticals)));
        }

        if (JsonFields.Has(body, "profile_picture_handle", out _))
        {
            fields.Fail(GraphError.Invalid("profile_picture_handle: there is no upload here; give profile_picture_url"));
        }

        return new()
        {
            About = about,
            Address = fields.Text(body, "", "address", 256),
            Description = fields.Text(body, "", "description", 512),
            Email = email,
            PictureUrl = Address(fields, fields.Text(body, "", "profile_picture_url", 2_048), "profile_picture_url"),
            Websites = Websites(fields, body),
            Vertical = vertical,
        };
    }

    private static ImmutableArray<string>? Websites(JsonFields fields, JsonElement body)
    {
        if (!JsonFields.Has(body, "websites", out _))
        {
            return null;
        }

        var websites = ImmutableArray.CreateBuilder<string>();
        foreach (var (value, path) in fields.List(body, "", "websites", 2))
        {
            if (Address(fields, fields.Text(value, path, 256), path) is { Length: > 0 } website)
            {
                websites.Add(website);
            }
        }

        return websites.ToImmutable();
    }

    private static string? Address(JsonFields fields, string? text, string path)
    {
        if (text is { Length: > 0 } && !WebAddress.IsOne(text))
        {
            fields.Fail(GraphError.Invalid(path + ": it must be an address that starts with http:// or https://"));
        }

        return text;
    }
}
