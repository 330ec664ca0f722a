using Actors.Api.Auth;
using Actors.Api.Json;
using Actors.Api.Leases;
using Actors.Contracts;
using Actors.Policy.Users;

namespace Actors.Api.V1;

/// <summary>What a user sees and says of all businesses together: overview, preferences, devices.</summary>
internal static class UsersApi
{
    private const int LanguagesMax = 8;
    private const int LookupsAtOnce = 16;

    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/users/{user}").WithTags("Users");

        group.MapGet("", ViewAsync).AllowUser().WithName("GetUser")
            .WithSummary("Everything the platform holds of the user: businesses, consents with their proof, windows, blocks, cap, preferences, devices")
            .Produces<UserResponse>();
        group.MapPut("/preferences", SetPreferencesAsync).AllowUser().WithName("SetPreferences")
            .WithSummary("Replace the user's word about all businesses")
            .WithDescription(
                "Turning businesses off closes every window; no business can write until they are turned on again. What is left out goes back to its default.")
            .Accepts<PreferencesRequest>("application/json").WithExample(
                """
                {"businesses":true,"marketing":true,"languages":["de","en"],"marketing_per_day":1,
                "quiet_hours":{"start":"22:00","end":"07:30","time_zone":"Europe/Berlin"}}
                """)
            .Produces<ActionResponse>().ProducesProblems(400);
        group.MapPut("/devices/{device}", AddDeviceAsync).AllowUser().WithName("AddDevice")
            .WithSummary("Register a device").Produces<ActionResponse>().ProducesProblems(400, 409);
        group.MapDelete("/devices/{device}", RemoveDeviceAsync).AllowUser().WithName("RemoveDevice")
            .WithSummary("Remove a device").Produces<ActionResponse>().ProducesProblems(400, 404);
    }

    private static async Task<IResult> ViewAsync(RouteUser user, UserGrains users, LeaseCache leases, PolicyBook policy, Wamids wamids)
    {
        var view = await users.ReadAsync(user.Value, u => u.ViewAsync());
        var businesses = await FindAsync(leases, [.. view.State.Relations.Select(r => r.Business)]);
        return TypedResults.Ok(UserResponse.From(user.Value, view, businesses, policy.Current, await wamids.GetAsync()));
    }

    /// <summary>Businesses by id, as far as there are such.</summary>
    public static async Task<Dictionary<long, BusinessView>> FindAsync(LeaseCache leases, IReadOnlyList<long> ids)
    {
        var found = new Dictionary<long, BusinessView>(ids.Count);
        foreach (var some in ids.Distinct().Chunk(LookupsAtOnce))
        {
            var held = await Task.WhenAll(some.Select(id => leases.GetAsync(id).AsTask()));
            foreach (var lease in held.OfType<HeldLease>())
            {
                found.Add(lease.Business.Id, lease.Business);
            }
        }

        return found;
    }

    private static async Task<IResult> SetPreferencesAsync(HttpContext context, RouteUser user, UserGrains users)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.PreferencesRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        checks.Range("marketing_per_day", request.MarketingPerDay ?? 0, 0, UserState.ReceiptsMax);
        var quiet = QuietHoursOf(request.QuietHours, checks);
        if (request.Languages.Count > LanguagesMax || request.Languages.Distinct(StringComparer.OrdinalIgnoreCase).Count() != request.Languages.Count
            || !request.Languages.All(IsLanguage))
        {
            checks.Add("languages", $"it must hold at most {LanguagesMax} different language tags such as en or pt-BR");
        }

        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        var preferences = new Preferences(request.Businesses, request.Marketing, [.. request.Languages])
        {
            MarketingPerDay = (byte?)request.MarketingPerDay,
            QuietHours = quiet,
        };
        return Refusals.Answer(await users.WordAsync(user.Value, u => u.SetPreferencesAsync(preferences)), CallerRole.User);
    }

    private static QuietHours? QuietHoursOf(QuietHoursRequest? request, Checks checks)
    {
        if (request is null)
        {
            return null;
        }

        var (start, end) = (checks.TimeOfDay("quiet_hours.start", request.Start), checks.TimeOfDay("quiet_hours.end", request.End));
        if (start == end && start is not null)
        {
            checks.Add("quiet_hours.end", "it must be another time than the start");
        }

        checks.Text("quiet_hours.time_zone", request.TimeZone, QuietHours.TimeZoneMax);
        return checks.Hold ? new QuietHours(start!.Value, end!.Value, request.TimeZone) : null;
    }

    private static Task<IResult> AddDeviceAsync(RouteUser user, string device, UserGrains users) =>
        OnDeviceAsync(device, () => users.WordAsync(user.Value, u => u.AddDeviceAsync(device)));

    private static Task<IResult> RemoveDeviceAsync(RouteUser user, string device, UserGrains users) =>
        OnDeviceAsync(device, () => users.OnceAsync(user.Value, u => u.RemoveDeviceAsync(device)));

    private static async Task<IResult> OnDeviceAsync(string device, Func<Task<ActionReply>> act)
    {
        var checks = new Checks();
        checks.Device("device", device);
        return checks.Hold ? Refusals.Answer(await act(), CallerRole.User) : Refusals.Of(checks);
    }

    /// <summary>Whether it has the shape of a BCP 47 tag: parts of 1 to 8 letters or digits, the first one of 2 to 8 letters, at most 35 characters.</summary>
    private static bool IsLanguage(string? tag)
    {
        if (tag is not { Length: >= 2 and <= 35 })
        {
            return false;
        }

        var parts = tag.Split('-');
        return parts[0].Length >= 2 && parts[0].All(char.IsAsciiLetter) && parts.All(p => p.Length is >= 1 and <= 8 && p.All(char.IsAsciiLetterOrDigit));
    }
}
