using System.Globalization;
using Actors.Contracts;

namespace Actors.Api.V1;

/// <summary>A page of a business's consent log.</summary>
/// <param name="OptIns">Grants and withdrawals with their proof, in the order they were recorded.</param>
/// <param name="Next">The cursor for <c>after</c>.</param>
internal sealed record OptInsResponse(IReadOnlyList<OptInShape> OptIns, string Next);

/// <summary>One entry of the consent log, as its business sees it.</summary>
/// <param name="User">The user's wa_id.</param>
/// <param name="Granted">True for an opt-in, false for its withdrawal.</param>
/// <param name="Categories">What it is about.</param>
/// <param name="By">Whose word it is: user or business.</param>
/// <param name="Source">Where it was given; only for an opt-in.</param>
/// <param name="Wording">The wording shown.</param>
/// <param name="Evidence">Reference to the evidence.</param>
/// <param name="At">When it was given or withdrawn.</param>
/// <param name="RecordedAt">When it was recorded.</param>
internal sealed record OptInShape(
    string User,
    bool Granted,
    IReadOnlyList<string> Categories,
    string By,
    string? Source,
    string? Wording,
    string? Evidence,
    string At,
    string RecordedAt)
{
    /// <summary>Whether the user took it back by a call, a word or a block is not the business's to know.</summary>
    public static OptInShape From(ConsentLine line) => new(
        line.User.ToString(CultureInfo.InvariantCulture),
        line.Entry.Grant,
        Words.Of(line.Entry.Categories),
        Words.Of(line.Entry.By),
        line.Entry.Grant ? Words.Of(line.Entry.Source) : null,
        line.Entry.Wording,
        line.Entry.Evidence,
        line.Entry.At.ToString(),
        line.Entry.RecordedAt.ToString());
}
