using System.Text.Json;

namespace Actors.Api.V1;

// What callers send. A parameter without a default is required.

/// <summary>An opt-in that a business records, with its proof.</summary>
/// <param name="User">The user's phone number.</param>
/// <param name="Categories">Out of utility, authentication, marketing.</param>
/// <param name="Source">website, sms, phone, paper, in_store, app, message or other.</param>
/// <param name="Wording">The wording shown to the user: 1 to 1,024 characters.</param>
/// <param name="At">When it was given: RFC 3339, UTC.</param>
/// <param name="Evidence">Reference to the evidence: 1 to 512 characters.</param>
internal sealed record OptInRequest(string User, IReadOnlyList<string> Categories, string Source, string Wording, string At, string? Evidence = null);

/// <summary>An opt-in that the user gives.</summary>
/// <param name="Categories">Out of utility, authentication, marketing.</param>
internal sealed record UserOptInRequest(IReadOnlyList<string> Categories);

/// <summary>The user's word about all businesses. Replaces what held before.</summary>
/// <param name="Businesses">Whether businesses may write at all.</param>
/// <param name="Marketing">Whether any business may send marketing.</param>
/// <param name="Languages">BCP 47 tags, best first, at most 8.</param>
/// <param name="MarketingPerDay">
/// Marketing messages in 24 hours, over all businesses: 0 to the platform's number as it stands for the user; the platform's when left out.
/// </param>
/// <param name="QuietHours">When no marketing may come; never when left out.</param>
internal sealed record PreferencesRequest(
    bool Businesses, bool Marketing, IReadOnlyList<string> Languages, int? MarketingPerDay = null, QuietHoursRequest? QuietHours = null);

/// <summary>The hours of each day in which no marketing may come: from the start on, until the end; over midnight where the end is before the start.</summary>
/// <param name="Start">Local time, such as 22:00.</param>
/// <param name="End">Local time, such as 07:30; not the start.</param>
/// <param name="TimeZone">Name of a zone of the IANA database, such as Europe/Berlin, or UTC.</param>
internal sealed record QuietHoursRequest(string Start, string End, string TimeZone);

/// <summary>A block.</summary>
/// <param name="Reason">no_longer_needed, no_sign_up, irrelevant, spam, offensive, too_many, otp_not_requested, other or no_reason (the default).</param>
internal sealed record BlockRequest(string? Reason = null);

/// <summary>A report.</summary>
/// <param name="Reason">As for a block.</param>
/// <param name="Message">The message's id, where it is about one.</param>
/// <param name="Block">Whether to block the business, too.</param>
internal sealed record ReportRequest(string Reason, string? Message = null, bool Block = false);

/// <summary>A step of a message.</summary>
/// <param name="Status">delivered or read.</param>
/// <param name="Device">The device that reports it.</param>
internal sealed record StatusRequest(string Status, string? Device = null);

/// <summary>A click.</summary>
/// <param name="Button">Index of the button, 0 to 9.</param>
internal sealed record ClickRequest(int Button);

/// <summary>Feedback on a marketing message.</summary>
/// <param name="Value">interested or not_interested.</param>
internal sealed record FeedbackRequest(string Value);

/// <summary>A token to be issued.</summary>
/// <param name="Scope">Out of send, manage, read; all that the caller may give when left out.</param>
/// <param name="Days">How long it lives: 1 to 3,650; 90 when left out.</param>
internal sealed record TokenRequest(IReadOnlyList<string>? Scope = null, int? Days = null);

/// <summary>A business to be registered.</summary>
/// <param name="Name">2 to 64 characters, one line; never changes.</param>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
/// <param name="AcceptTerms">Must be true.</param>
/// <param name="Website">Its address on the web.</param>
/// <param name="Address">Its postal address: at most 256 characters.</param>
/// <param name="PhotoUrl">Its picture.</param>
/// <param name="Numbers">How many numbers it gets: 1 to 20; 1 when left out.</param>
internal sealed record BusinessRequest(
    string Name, string Country, bool AcceptTerms, string? Website = null, string? Address = null, string? PhotoUrl = null, int Numbers = 1);

/// <summary>Where a verification stands.</summary>
/// <param name="Status">pending, verified or rejected.</param>
/// <param name="Official">Whether the business bears the official badge; only with verified.</param>
/// <param name="Note">For the audit: at most 500 characters.</param>
internal sealed record VerificationRequest(string Status, bool Official = false, string? Note = null);

/// <summary>A review of a template.</summary>
/// <param name="Decision">approve or reject.</param>
/// <param name="Reason">Why it is rejected: 1 to 500 characters; required with reject.</param>
/// <param name="Category">marketing, utility or authentication, where the business asked for the wrong one.</param>
internal sealed record ReviewRequest(string Decision, string? Reason = null, string? Category = null);

/// <summary>A violation that an operator records: a strike.</summary>
/// <param name="Type">What kind, in one word: 1 to 64 characters out of a-z and underscore.</param>
/// <param name="Note">What was seen; the business reads it: 1 to 500 characters.</param>
internal sealed record ViolationRequest(string Type, string Note);

/// <summary>Why a business is locked or unlocked.</summary>
/// <param name="Note">For the audit: 1 to 500 characters.</param>
internal sealed record LockRequest(string Note);

/// <summary>A business's word against a strike.</summary>
/// <param name="Strike">The strike's number.</param>
/// <param name="Text">What it says: 1 to 2,000 characters.</param>
internal sealed record AppealRequest(int Strike, string Text);

/// <summary>An operator's decision on an appeal.</summary>
/// <param name="Decision">upheld or reversed.</param>
/// <param name="Note">Why; the business reads it: 1 to 500 characters.</param>
internal sealed record AppealDecisionRequest(string Decision, string Note);

/// <summary>A messaging limit.</summary>
/// <param name="Tier">250, 2000, 10000, 100000 or "unlimited".</param>
/// <param name="Note">For the audit: 1 to 500 characters.</param>
internal sealed record LimitRequest(JsonElement Tier, string Note);

/// <summary>A change of the policy's numbers.</summary>
/// <param name="Base">The version that it is made for.</param>
/// <param name="Changes">Values by name, as text in the form of the configuration; a list where the number is one of words.</param>
/// <param name="Reason">Why: 1 to 500 characters.</param>
internal sealed record PolicyRequest(int Base, IReadOnlyDictionary<string, JsonElement> Changes, string Reason);

/// <summary>Numbers to try.</summary>
/// <param name="Changes">Values by name, as in a change of the policy.</param>
internal sealed record ShadowRequest(IReadOnlyDictionary<string, JsonElement> Changes);

/// <summary>A return to an earlier version of the policy.</summary>
/// <param name="Base">The version that it is to follow.</param>
/// <param name="Reason">Why: 1 to 500 characters.</param>
internal sealed record RollbackRequest(int Base, string Reason);

/// <summary>The operator's emergency stop of a template.</summary>
/// <param name="Reason">Why, told to the business: 1 to 500 characters.</param>
internal sealed record StopRequest(string Reason);
