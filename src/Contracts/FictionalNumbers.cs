using System.Globalization;

namespace Actors.Contracts;

/// <summary>
/// The phone numbers that this platform gives to businesses. They are fictional: country code 999, which is assigned to nobody, then the business's serial
/// (9 digits) and the number's index within the business (3 digits). So no number of a business can be a real person's, and number and id lead to each
/// other without a table.
/// </summary>
public static class FictionalNumbers
{
    /// <summary>Most numbers of one business that have one.</summary>
    public const int PerBusinessMax = 1_000;

    private const long Prefix = 999_000_000_000_000;
    private const long Slots = 1_000_000;

    /// <summary>The number of a phone-number-id.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Its index within the business is <see cref="PerBusinessMax"/> or more.</exception>
    public static long Of(long id)
    {
        var serial = Ids.BusinessOf(id) % (Slots * Ids.SerialsMax) / Slots;
        var index = id % Slots;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, PerBusinessMax, nameof(id));
        return Prefix + (serial * PerBusinessMax) + index;
    }

    /// <summary>The phone-number-id behind a number; false when it is none of these.</summary>
    public static bool TryIdOf(long number, out long id)
    {
        var rest = number - Prefix;
        var ours = rest >= 0 && rest < (long)Ids.SerialsMax * PerBusinessMax;
        id = ours ? Ids.PhoneNumber(Ids.Business((int)(rest / PerBusinessMax)), (int)(rest % PerBusinessMax)) : 0;
        return ours;
    }

    /// <summary>For people: + and the digits, in groups where they are ours.</summary>
    public static string Display(long number)
    {
        var digits = number.ToString(CultureInfo.InvariantCulture);
        return TryIdOf(number, out _) ? $"+{digits[..3]} {digits[3..6]} {digits[6..9]} {digits[9..12]} {digits[12..]}" : "+" + digits;
    }
}
