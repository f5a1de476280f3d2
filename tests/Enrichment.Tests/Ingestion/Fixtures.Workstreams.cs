namespace Enrichment.Tests.Ingestion;

/// <summary>Files as Apollo and Sales Navigator tools export them, with invented people.</summary>
internal static partial class Fixtures
{
    private const string ApolloNative =
        "First Name,Last Name,Title,Company,Email,Email Status,Seniority,Departments,Phone,# Employees,Industry,Keywords,LinkedIn URL,Website,Company LinkedIn URL,Facebook URL,Twitter URL,City,State,Country,Company Address,Company City,Technologies,Annual Revenue,Total Funding,Latest Funding,Latest Funding Amount,Last Raised At,Lists\r\n"
        + "Ann,Ace,\"VP, Sales\",Acme Corp,ann@acme.example,Verified,Vp,Sales,'+1 555 0100,120,software,\"crm, saas\",http://www.linkedin.com/in/ann,http://www.acme.example,,,,Austin,Texas,United States,\"1 Main St\nAustin\",Austin,Salesforce,12000000,,Series A,5000000,2024-02-01,Q1\r\n"
        + ",,,,,,,,,,,,,,,,,,,,,,,,,,,,orphan\r\n";

    private const string ApolloScraper =
        "First Name,Last Name,Full Name,Title,Headline,Seniority,Email,Email Status,LinkedIn Link,Is Likely To Engage,Lead City,Lead State,Lead Country,Departments,Subdepartments,Functions,Company Name,Company Website Full,Company Website Short,Company Blog Link,Company Twitter Link,Company Facebook Link,Company LinkedIn Link,Company Phone Number,Industry,Employee Count,Company Street,Company City,Company State,Company Country,Company Postal Code,Company Address,Company Annual Revenue,Company Market Cap,Company Total Funding,Company Latest Funding Type,Company Latest Funding Amount,Last Fund Raised At,Company Keywords,Company Technologies,Company Short Description,Company SEO Description,Number of Retail Locations,Company Founded Year\n"
        + "Bob,O'Toole,Bob O'Toole,CTO,\"Builder | \"\"10x\"\"\",C suite,bob@globex.example,Verified,https://www.linkedin.com/in/bob,TRUE,Köln,NRW,Germany,Engineering,Software,IT,Globex GmbH,https://www.globex.example/,globex.example,,,,https://www.linkedin.com/company/globex,+49 221 1,Manufacturing,\"1,234\",Ring 1,Köln,NRW,Germany,50667,\"Ring 1, Köln\",1000000,,,Seed,1000,2023-2,tools,AWS,We build,Globex,3,1999\n"
        + "Carl,,,,,,,,,,,,,,,,,,initech.example\n";

    private const string SalesNav =
        "Founders in Berlin\n12/26/2025, 5:55 PM\nhttps://www.linkedin.com/sales/search/people?query=(filters:List((type:TITLE,values:List((id:35,text:Founder,selectionType:INCLUDED)))))\n\n"
        + "Matching filters\tLinkedIn user profile URN\tFirst name\tLast name\tEmail\tPhone number\tProfile headline\tProfile summary\tJob title\tJob description\tJob started on\tLinkedIn URL (user profile)\tLocation\tCompany\tLinkedIn company profile URN\tLinkedIn URL (company)\tCompany website\tCompany description\tCompany headcount\tCompany industries\tCompany registered address\n"
        + "TRUE\turn:li:fs_salesProfile:1\tDana\tDoe\t\t\tFounder at Hooli\tnull\tFounder\t\t08-2024\thttps://www.linkedin.com/sales/lead/ACwAAA\tBerlin, Germany\tHooli\turn:li:company:2\thttps://www.linkedin.com/company/2\thooli.example\tSearch\t1,234\tSoftware\tBerlin\n"
        + "TRUE\t\t\t\t\t\t\t\tFounder\t\t\t\t\t\t\t\t\t\t206\t\tnull\n";
}
