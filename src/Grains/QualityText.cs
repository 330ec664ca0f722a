using System.Text.Json;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Grains;

/// <summary>The text of an event about a changed band.</summary>
/// <param name="From">The band before.</param>
/// <param name="To">The band now.</param>
internal sealed record QualityText(string From, string To)
{
    /// <summary>The event.</summary>
    /// <param name="template">Id of the template whose band it is; 0 for the business's own.</param>
    public static GrainEvent Event(QualityBand from, QualityBand to, long template, Instant now) => new(
        EventKind.QualityChanged, now, template, JsonSerializer.Serialize(new QualityText(Word(from), Word(to)), GrainsJson.Default.QualityText));

    private static string Word(QualityBand band) => band switch
    {
        QualityBand.Unknown => "UNKNOWN",
        QualityBand.Red => "RED",
        QualityBand.Yellow => "YELLOW",
        QualityBand.Green => "GREEN",
    };
}
