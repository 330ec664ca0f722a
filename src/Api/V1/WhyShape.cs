using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Sends;
using Actors.Policy.Users;

namespace Actors.Api.V1;

/// <summary>Why a message was accepted, as it stood at that moment.</summary>
/// <param name="PolicyVersion">Which version of the policy's numbers held; missing for older messages.</param>
/// <param name="Window">The window it was sent in; missing outside one.</param>
/// <param name="Consent">The consent it rests on; missing where none was needed or live.</param>
/// <param name="OpenedConversation">Whether it opened a conversation that counts against the business's limit.</param>
/// <param name="MarketingCap">The places it took; missing where it isn't counted.</param>
internal sealed record WhyShape(uint? PolicyVersion, WhyWindow? Window, WhyConsent? Consent, bool OpenedConversation, WhyCap? MarketingCap)
{
    /// <summary>What the user may know: everything.</summary>
    public static WhyShape? ForUser(ReadOnlyMemory<byte> explanation, PolicyNumbers numbers, ImmutableArray<ConsentEntry> consents = default) =>
        From(explanation, numbers, isWhole: true, consents.IsDefault ? [] : consents);

    /// <summary>What the business may know: what it did itself, not what others sent.</summary>
    public static WhyShape? ForBusiness(ReadOnlyMemory<byte> explanation, PolicyNumbers numbers) => From(explanation, numbers, isWhole: false, []);

    /// <summary>What an operator may know: everything that the message keeps.</summary>
    public static WhyShape? ForOperator(ReadOnlyMemory<byte> explanation, PolicyNumbers numbers) => From(explanation, numbers, isWhole: true, []);

    private static WhyShape? From(ReadOnlyMemory<byte> explanation, PolicyNumbers numbers, bool isWhole, ImmutableArray<ConsentEntry> consents)
    {
        if (AcceptanceExplanation.Read(explanation.Span) is not { } why)
        {
            return null;
        }

        return new WhyShape(
            why.PolicyVersion,
            why.WindowFrom is { } from ? new WhyWindow(from.ToString(), (why.WindowUntil ?? from + numbers.Window.Length).ToString()) : null,
            why.ConsentEntry is { } entry ? WhyConsent.Of(why.ConsentSource, isWhole ? entry : null, consents) : null,
            why.Opened,
            why.Cap is not { } cap ? null : new WhyCap(
                new WhyPlace(cap.Business, cap.PerBusinessPerDay),
                isWhole ? new WhyPlace(cap.Day, cap.PerDay) : null,
                isWhole && why.PolicyVersion is not null ? Words.Of(cap.Basis) : null,
                isWhole ? new WhyPlace(cap.Week, cap.PerWeek) : null));
    }
}

/// <summary>A window.</summary>
/// <param name="From">When the user's message opened or refreshed it.</param>
/// <param name="ExpiresAt">When it ends.</param>
internal sealed record WhyWindow(string From, string ExpiresAt);

/// <summary>A consent.</summary>
/// <param name="Source">Where it was given.</param>
/// <param name="Entry">Its number in the user's consent log; not for the business.</param>
/// <param name="At">When it was given; not for the business.</param>
/// <param name="Wording">The wording shown then; not for the business, and missing where there was none.</param>
internal sealed record WhyConsent(string Source, uint? Entry, string? At, string? Wording)
{
    public static WhyConsent Of(ConsentSource source, uint? number, ImmutableArray<ConsentEntry> consents)
    {
        var entry = number is null ? null : consents.FirstOrDefault(consent => consent.Number == number);
        return new(Words.Of(source), number, entry?.At.ToString(), entry?.Wording);
    }
}

/// <summary>The places of the marketing cap.</summary>
/// <param name="BusinessDay">Of this business in 24 hours.</param>
/// <param name="Day">Of all businesses in 24 hours; not for the business.</param>
/// <param name="DayBasis">Why there were so many: standard, engaged, unengaged or own; not for the business.</param>
/// <param name="Week">Of all businesses in 7 days; not for the business.</param>
internal sealed record WhyCap(WhyPlace BusinessDay, WhyPlace? Day, string? DayBasis, WhyPlace? Week);

/// <summary>One place.</summary>
/// <param name="Place">Which one it took, from 1.</param>
/// <param name="Of">How many there were.</param>
internal sealed record WhyPlace(int Place, int Of);
