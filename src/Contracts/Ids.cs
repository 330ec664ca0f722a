namespace Actors.Contracts;

/// <summary>What an id stands for.</summary>
public enum IdKind
{
    /// <summary>None of ours.</summary>
    Unknown = 0,

    /// <summary>A business.</summary>
    Business = 1,

    /// <summary>A number of a business.</summary>
    PhoneNumber = 2,

    /// <summary>A template of a business, in one language.</summary>
    Template = 3,

    /// <summary>An appeal of a business against a strike.</summary>
    Appeal = 4,
}

/// <summary>
/// Ids are decimal, below 2^53, and say what they are: 16 digits, the first one the kind. Numbers and templates contain their business, so that
/// nothing has to be looked up to route them: kind (1 digit), the business's serial (9 digits), index within it (6 digits).
/// </summary>
public static class Ids
{
    private const long Kind = 1_000_000_000_000_000;
    private const long Slots = 1_000_000;
    private const int WebhooksKind = 8;

    /// <summary>Most serials: 0 to 999,999,999.</summary>
    public const int SerialsMax = 1_000_000_000;

    /// <summary>The id of a business.</summary>
    /// <param name="serial">0 to 999,999,999.</param>
    public static long Business(int serial) => Compose(IdKind.Business, serial, 0);

    /// <summary>The id of a number.</summary>
    /// <param name="business">The business's id.</param>
    /// <param name="index">0 to 999,999.</param>
    public static long PhoneNumber(long business, int index) => Compose(IdKind.PhoneNumber, SerialOf(business), index);

    /// <summary>The id of a template in one language.</summary>
    /// <param name="business">The business's id.</param>
    /// <param name="index">0 to 999,999.</param>
    public static long Template(long business, int index) => Compose(IdKind.Template, SerialOf(business), index);

    /// <summary>The id of the appeal against a strike.</summary>
    /// <param name="business">The business's id.</param>
    /// <param name="strike">The strike's number, 1 to 999,999.</param>
    public static long Appeal(long business, int strike) => Compose(IdKind.Appeal, SerialOf(business), strike);

    /// <summary>The number of the strike that an appeal is against.</summary>
    /// <param name="appeal">The appeal's id.</param>
    public static int StrikeOf(long appeal) => (int)(appeal % Slots);

    /// <summary>The place of a business's webhooks in the directory. Nobody outside sees it: to them it is none of our ids.</summary>
    /// <param name="business">The business's id.</param>
    public static long Webhooks(long business) => Compose((IdKind)WebhooksKind, SerialOf(business), 0);

    /// <summary>What an id stands for.</summary>
    public static IdKind KindOf(long id) => (id / Kind) switch
    {
        1 when id % Slots == 0 => IdKind.Business,
        2 => IdKind.PhoneNumber,
        3 => IdKind.Template,
        4 => IdKind.Appeal,
        _ => IdKind.Unknown,
    };

    /// <summary>The business that an id belongs to.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not one of our ids.</exception>
    public static long BusinessOf(long id) => KindOf(id) == IdKind.Unknown
        ? throw new ArgumentOutOfRangeException(nameof(id), id, "not an id of this platform")
        : Compose(IdKind.Business, Serial(id), 0);

    private static int SerialOf(long business) => KindOf(business) == IdKind.Business
        ? Serial(business)
        : throw new ArgumentOutOfRangeException(nameof(business), business, "not a business's id");

    private static int Serial(long id) => (int)(id % Kind / Slots);

    private static long Compose(IdKind kind, int serial, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(serial);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(serial, SerialsMax);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, (int)Slots);
        return ((int)kind * Kind) + (serial * Slots) + index;
    }
}
