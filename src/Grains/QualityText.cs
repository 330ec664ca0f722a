using System.Text.Json;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Grains;

/// <summary>The text of an event about a changed band.</summary>
/// <param name="From">The band before.</param>
/// <param name="To">The band now.</param>
/// <param name="Name">The template's name; null where it is the business's own band, and in what older builds wrote.</param>
/// <param name="Language">The template's language, likewise.</param>
/// <param name="Limit">The business's messaging limit; null where it is a template's band, and in what older builds wrote.</param>
/// <param name="Number">Id of the number that is told of; null for the business's first one, and where it is a template's band.</param>
internal sealed record QualityText(
    string From, string To, string? Name = null, string? Language = null, string? Limit = null, string? Number = null)
{
    /// <summary>The event about a business's own band, for one of its numbers.</summary>
    /// <param name="number">As <see cref="ConductText.NumbersOf"/> has it.</param>
    public static GrainEvent OfBusiness(QualityBand from, QualityBand to, LimitTier limit, Instant now, string? number = null) =>
        Event(new QualityText(Word(from), Word(to), Limit: ConductText.Of(limit), Number: number), template: 0, now);

    /// <summary>The event about the band of a template in one language.</summary>
    public static GrainEvent OfTemplate(QualityBand from, QualityBand to, TemplateView template, Instant now) =>
        Event(new QualityText(Word(from), Word(to), template.Content.Name, template.Content.Language), template.Id, now);

    private static GrainEvent Event(QualityText text, long template, Instant now) =>
        new(EventKind.QualityChanged, now, template, JsonSerializer.Serialize(text, GrainsJson.Default.QualityText));

    public static string Word(QualityBand band) => band switch
    {
        QualityBand.Unknown => "UNKNOWN",
        QualityBand.Red => "RED",
        QualityBand.Yellow => "YELLOW",
        QualityBand.Green => "GREEN",
    };
}
