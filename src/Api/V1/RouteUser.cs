namespace Actors.Api.V1;

/// <summary>The <c>{user}</c> of a path: a phone number, as people write it.</summary>
/// <param name="Value">The wa_id.</param>
internal readonly record struct RouteUser(long Value)
{
    /// <summary>Makes it a parameter of minimal API handlers.</summary>
    public static bool TryParse(string? text, out RouteUser user)
    {
        var ok = PhoneDigits.TryParse(text, out var number);
        user = new RouteUser(number);
        return ok;
    }
}
