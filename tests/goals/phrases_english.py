"""More goals in English as people write them, and what each says.

Today is 21 November 2026, at home in USD. A line: text | kind | amount | currency | months | codes
of the questions. Empty means not said.
"""

from __future__ import annotations

ENGLISH = """
pay off my 12k card by Christmas | debt_payoff | 12000 | USD | 1 |
6 months of expenses | emergency_fund | | USD | | reserve when
6 months of expenses by next summer | emergency_fund | | USD | 7 | reserve
I need $50k. | custom | 50000 | USD | | when
need fifty grand in 3 yrs | custom | 50000 | USD | 36 |
saving up 3.5k for a new fridge by spring | major_purchase | 3500 | USD | 4 |
$1.5M by the time I retire | retirement | 1500000 | USD | | born
I'm 35 and want to retire at 60 with 2 million | retirement | 2000000 | USD | | born
by the time I'm 45 I want $250k | custom | 250000 | USD | | born
$10k before my 30th birthday | custom | 10000 | USD | | born
20k before I turn 40 for a wedding | major_purchase | 20000 | USD | | born
my daughter starts college in 2035, need $80k | education | 80000 | USD | | when_year
$5k for Christmas presents by December | custom | 5000 | USD | 1 |
by december 2027 save 8k for a trip to Peru | travel | 8000 | USD | 13 |
Save 500/mo until I have 12k for a used car | major_purchase | 12000 | USD | | when
$300 a month for the next 18 months towards a new laptop | major_purchase | | USD | 18 | amount
$200 biweekly for a year for a vacation | travel | | USD | 12 | amount monthly_other
pay off $7,450.32 on my Visa by March 2027 | debt_payoff | 7450.32 | USD | 4 |
Pay off both credit cards ($3,200 and $5,100) in 18 months | debt_payoff | | USD | 18 | two_amounts
kill my $22k car loan in 3 years | debt_payoff | 22000 | USD | 36 |
pay off the mortgage 10 years early | debt_payoff | | USD | | debt when
owe 4,000 to my brother, pay him back by May | debt_payoff | 4000 | USD | 6 |
I owe $18,500 in student loans and want to be free in 4 years | debt_payoff | 18500 | USD | 48 |
down payment of 20% on a 450k home in 5 years | major_purchase | | USD | 60 | share
20% down on a $500,000 condo by 2030 | major_purchase | | USD | 37 | share
90k house deposit, 4 yrs | major_purchase | 90000 | USD | 48 |
house in 2029: 120 000 | major_purchase | 120000 | USD | | when_year
buy a $35,000 Tesla in two and a half years | major_purchase | 35000 | USD | 30 |
save $3k for a PS5, TV and sofa by Black Friday | major_purchase | 3000 | USD | | when
new roof $14,800 before next winter | major_purchase | 14800 | USD | 13 |
fix the roof this winter for 9000 | major_purchase | 9000 | USD | 1 |
wedding on 12 September 2027, budget 28k | major_purchase | 28000 | USD | 9 |
wedding 9/12/2027, 28k | major_purchase | 28000 | USD | | date
wedding 2027-09-12, 28k | major_purchase | 28000 | USD | 9 |
honeymoon in Bora Bora: $12,000 within 14 months | travel | 12000 | USD | 14 |
2 weeks in Japan next fall for 5k | travel | 5000 | USD | 10 |
a 10 day cruise for $4,200 in August | travel | 4200 | USD | 9 |
three-week trip to Australia, A$9,000, by Easter | travel | 9000 | AUD | 4 |
saving for a safari, roughly 7,500 euros, in about 2 years | travel | 7500 | EUR | 24 |
2 tickets to Tokyo for $2,400 in May | travel | 2400 | USD | 6 |
$800 for a flight home at Christmas | travel | 800 | USD | 1 |
emergency fund covering 3 months of rent by July | emergency_fund | | USD | 8 | reserve
three to six months of expenses in the bank by 2028 | emergency_fund | | USD | 13 | reserve
$1,000 starter emergency fund in 60 days | emergency_fund | 1000 | USD | 2 |
save a month's salary for emergencies | emergency_fund | | USD | | reserve when
a 15k rainy-day fund over 2 years at $625 a month | emergency_fund | 15000 | USD | 24 |
put $6,500 in my Roth IRA before April 15, 2027 | retirement | 6500 | USD | 4 |
max my 401k: $23,500 this year | retirement | 23500 | USD | | when_year
retire early with 1.2M at 50 | retirement | 1200000 | USD | | born
have 2.5 million when I turn 65 | custom | 2500000 | USD | | born
$1,000,000 in my pension by 2050 | retirement | 1000000 | USD | 277 |
invest 500 every month for 20 years | investment | | USD | 240 | amount
grow 10k into 100k in 15 years | custom | | USD | 180 | two_amounts
turn 5k into 50k by 2035 | custom | | USD | 97 | two_amounts
put $250k in an index fund by 2040 | investment | 250000 | USD | 157 |
a rental with 60k down in 6 years | investment | 60000 | USD | 72 |
1 BTC by 2030 | investment | 1 | BTC | 37 |
$2,000 of bitcoin by the end of 2027 | investment | 2000 | USD | 13 |
10k | custom | 10000 | USD | | when
$ 10 k in 2 y | custom | 10000 | USD | 24 |
10K USD in 24 mths | custom | 10000 | USD | 24 |
USD 10.5k in 2yrs | custom | 10500 | USD | 24 |
50k$ in 2 years | custom | 50000 | USD | 24 |
50 K dollars in 2 years | custom | 50000 | USD | 24 |
ten thousand dollars within twelve months | custom | 10000 | USD | 12 |
one hundred and twenty thousand pounds in a decade | custom | 120000 | GBP | 120 |
a quarter of a million by 2045 | custom | 250000 | USD | 217 |
three quarters of a million dollars in 12 years | custom | 750000 | USD | 144 |
a couple of thousand by summer | custom | | USD | 7 | amount
a few hundred bucks by next month | custom | | USD | 1 | amount
$1k-2k for a bike in 5 months | major_purchase | | USD | 5 | range
around $8-10k for a kitchen in 18 months | major_purchase | | USD | 18 | range
up to $3,000 for a camera by June | major_purchase | 3000 | USD | 7 |
at least 40k by 2029 | custom | 40000 | USD | 25 |
more than 100k in 10 years | custom | 100000 | USD | 120 |
about twenty five hundred dollars for a couch in 4 months | major_purchase | 2500 | USD | 4 |
$12.5 thousand in 15 months | custom | 12500 | USD | 15 |
3 hundred thousand for a flat in 7 years | major_purchase | 300000 | USD | 84 |
1,5 million kroner by 2031 | custom | 1500000 | NOK | 49 |
£1.2m in 20 years | custom | 1200000 | GBP | 240 |
€2,5k by summer 2027 | custom | 2500 | EUR | 7 |
15'000 CHF in 2 years | custom | 15000 | CHF | 24 |
₹5,00,000 for a bike in 2 years | major_purchase | 500000 | INR | 24 |
10 lakh rupees in 3 years | custom | 1000000 | INR | 36 |
5000 pesos in 3 months | custom | 5000 | USD | 3 | currency
C$4,000 for skis by November | custom | 4000 | CAD | 12 |
$1 million by 2040; $400 a month | custom | 1000000 | USD | 157 |
save $20 per week for 2 years | custom | | USD | 24 | amount monthly_other
put aside $50 every paycheck until I have $2,000 | custom | 2000 | USD | | when monthly_other
I can spare 350 a month and need 7000 for dental work | custom | 7000 | USD | | when
need 7k for braces in a year and a half, can do 400 monthly | custom | 7000 | USD | 18 |
My rent is 1500 and I want to save 6k by August | custom | 6000 | USD | 9 |
I make $60k a year, save $15k in 18 months | custom | 15000 | USD | 18 |
currently have 3,200; want 10,000 in one year | custom | 10000 | USD | 12 |
I've saved $4,000 of the $15,000 I need for a car by June | major_purchase | 15000 | USD | 7 |
bring my savings from $5k to $20k in 2 years | custom | | USD | 24 | range
double my $10k in 7 years | custom | | USD | 84 | amount
save half of my $80k salary | custom | | USD | | amount when
cut 200 a month from groceries, save 3k by fall | custom | 3000 | USD | 10 |
$10,000 by 6/30/2028 | custom | 10000 | USD | 19 |
$10,000 by 06/2028 | custom | 10000 | USD | 19 |
save 2028 dollars by 2028 | custom | 2028 | USD | 13 |
2500 by 2027 | custom | 2500 | USD | 1 |
2027: 5000 for a bike | major_purchase | 5000 | USD | | when_year
World trip 2029, 40k | travel | 40000 | USD | | when_year
car 2028 25k | major_purchase | 25000 | USD | | when_year
$5000 by mid June | custom | 5000 | USD | 7 |
by the end of June 2028 save 9k | custom | 9000 | USD | 19 |
by early 2028 save 9k | custom | 9000 | USD | 13 |
9k by Q3 2028 | custom | 9000 | USD | 20 |
ASAP save 3k | custom | 3000 | USD | | when
in a few years, $30k for a boat | major_purchase | 30000 | USD | | when
in a couple of years, $30k for a boat | major_purchase | 30000 | USD | | when
within 90 days $1,500 | custom | 1500 | USD | 3 |
in 1 week 200 dollars | custom | 200 | USD | 1 |
in 6-8 months 2,000 for a course | education | 2000 | USD | | when
over the next 5 years, $75k for a remodel | major_purchase | 75000 | USD | 60 |
five years from now $75k | custom | 75000 | USD | 60 |
24 month plan: 4800 for a scooter | major_purchase | 4800 | USD | 24 |
by my 50th birthday pay off the mortgage, $180,000 | debt_payoff | 180000 | USD | | born
my son turns 18 in 9 years, 60k for uni | education | 60000 | USD | 108 |
I'm 29 and want 20k in 2 years | custom | 20000 | USD | 24 |
35 years old, want to retire in 30 years with $1.5 million | retirement | 1500000 | USD | 360 |
3 kids' college: $300k in 12 years | education | 300000 | USD | 144 |
concert tickets 300 by saturday | custom | 300 | USD | | when
veterinary surgery $2,800 in 3 weeks | custom | 2800 | USD | 1 |
IVF $20,000 by next October | custom | 20000 | USD | 11 |
adopt a child, 40k, three years | custom | 40000 | USD | 36 |
start a business with 25k by January | custom | 25000 | USD | 2 |
$1,234,567.89 in 30 years | custom | 1234567.89 | USD | 360 |
50k!!! in 5 YEARS!!! | custom | 50000 | USD | 60 |
i want 2 save 4 a house, 30k, 3 yrs | major_purchase | 30000 | USD | 36 |
not $5k but $7k for a car in 2 years | major_purchase | | USD | 24 | two_amounts
$5k (five thousand) for a car in 1 year | major_purchase | 5000 | USD | 12 |
$500 each for 4 bikes in a year | major_purchase | | USD | 12 | amount
trip for 4, $1,500 per person, in 10 months | travel | | USD | 10 | amount
Clear my £1,150 overdraft by the end of March | debt_payoff | 1150 | GBP | 4 |
student debt: $27k gone in 5 years | debt_payoff | 27000 | USD | 60 |
save 10% of 60k in a year | custom | | USD | 12 | share
30k for a car in 2 years, or 20k in 1 year | major_purchase | | USD | | two_amounts two_times
Save $2.000 for a bike by April | major_purchase | 2000 | USD | 5 |
$2.50 a day for a year | custom | | USD | 12 | amount monthly_other
1.000.000 in 10 years | custom | 1000000 | USD | 120 |
20k in 2 years without touching my emergency fund | custom | 20000 | USD | 24 |
keep $5,000 in checking and save $10k for a trip in a year | travel | 10000 | USD | 12 |
40k in 4 years, no stocks | custom | 40000 | USD | 48 |
don't use my retirement savings; $30k for a kitchen in 3 years | major_purchase | 30000 | USD | 36 |
20k for a car in 2 years, at most 600 a month | major_purchase | 20000 | USD | 24 |
run 5k and save 300 by june | custom | 300 | USD | 7 |
4k tv for 1500 by june | major_purchase | 1500 | USD | 7 |
my 2019 Honda needs 3,000 of repairs by May | custom | 3000 | USD | 6 |
2027 taxes: $6,500 by April | custom | 6500 | USD | 5 |
class of 2031 college fund 50k | education | 50000 | USD | | when_year
since 2020 I've saved 5k, want 15k by 2028 | custom | 15000 | USD | 13 |
in 2024 I bought a car; now a house, 60k by 2029 | major_purchase | 60000 | USD | 25 |
save $3k by June 2025 | custom | 3000 | USD | | past
save $3k by 2026-01-01 | custom | 3000 | USD | | past
save $3k by 21 November 2026 | custom | 3000 | USD | | no_time
save $10k in -3 years | custom | 10000 | USD | | no_time
save $10k in 61 years | custom | 10000 | USD | | too_far
save $10k in 60 years | custom | 10000 | USD | 720 |
save $10k in three hundred years | custom | 10000 | USD | | too_far
save $10k in 1e3 years | custom | 10000 | USD | | when
save $1e5 in 3 years | custom | | USD | 36 | amount
save 1e+500 in 3 years | custom | | USD | 36 | amount
save $50k5 in 3 years | custom | | USD | 36 | amount
save €5kin 2 years | custom | | EUR | 24 | amount
save 2 trillion dollars by 2040 | custom | | USD | 157 | amount
save NaN dollars in 2 years | custom | | USD | 24 | amount
$50k-ish in 3 years | custom | 50000 | USD | 36 |
$50 ,000 for a car in 2 years | major_purchase | | USD | 24 | amount
$5,0000 for a car in 2 years | major_purchase | | USD | 24 | amount
$1,234.567 for a car in 2 years | major_purchase | | USD | 24 | amount
save up for a $1,200 bicycle in the next five months | major_purchase | 1200 | USD | 5 |
Need $3,500 for my sister's wedding in Portugal next September | major_purchase | 3500 | USD | 10 |
pay back 2,300 to Dad within six months | debt_payoff | 2300 | USD | 6 |
$15,000 in my HSA in 4 years | custom | 15000 | USD | 48 |
put away 5% of my pay | custom | | USD | | share when
wipe out $6.2k of credit card debt in fourteen months | debt_payoff | 6200 | USD | 14 |
save 1,000,000 SEK in 20 years | custom | 1000000 | SEK | 240 |
I want to retire in 2055 with 1.8 million dollars | retirement | 1800000 | USD | | when_year
a new roof (about 12k) in the next year and a half | major_purchase | 12000 | USD | 18 |
$120/month for 3 yrs for a cello | custom | | USD | 36 | amount
save €1.200 by 1/7/2027 | custom | 1200 | EUR | | date
I have 4 years to save 16 grand | custom | 16000 | USD | 48 |
let's get 7,777 together by 7/7/2027 | custom | 7777 | USD | 7 |
$30,000.00 for grad school starting Fall 2028 | education | 30000 | USD | 22 |
Savings goal: $10,000 Deadline: 12/31/2027 | custom | 10000 | USD | 13 |
Save €50k/£43k for a flat in 6 years | major_purchase | | EUR | 72 | range
20k by the time the baby arrives in May | custom | 20000 | USD | 6 |
3k for vet bills, no later than June 15th | custom | 3000 | USD | 6 |
half a year's rent as a buffer, 9000 NOK, in 9 months | emergency_fund | 9000 | NOK | 9 |
my goal is $250,000 net worth at age 40 | custom | 250000 | USD | | born
2 years: 8,400 | custom | 8400 | USD | 24 |
$5,000-ish vacation fund, summer after next | travel | 5000 | USD | | when
I want $45k in three years' time | custom | 45000 | USD | 36 |
twelve and a half thousand in 10 months | custom | 12500 | USD | 10 |
50 grand for 2 cars by 2029 | major_purchase | 50000 | USD | 25 |
0.25 BTC by december 2027 | investment | 0.25 | BTC | 13 |
$100 in 1 month | custom | 100 | USD | 1 |
$5k in 2 yrs (24 months) | custom | 5000 | USD | 24 |
save 10k in two years, that is by November 2028 | custom | 10000 | USD | 24 |
I'm saving $250 a week to reach $13,000 in a year | custom | 13000 | USD | 12 | monthly_other
buy 3 acres of land for $45,000 by 2030 | major_purchase | 45000 | USD | 37 |
pay $1,500 rent and still save $6,000 by next summer | custom | | USD | 7 | two_amounts
$400 per month car payment, want to pay off 14k in 3 years | debt_payoff | 14000 | USD | 36 |
put $100/wk into savings until I hit 5 grand | custom | 5000 | USD | | when monthly_other
a 2019 Toyota for around 14,500 in 9 months | custom | 14500 | USD | 9 |
upgrade to a 3 bedroom house, $70k down, in 4 years | major_purchase | 70000 | USD | 48 |
need $4,000 by April 15 | custom | 4000 | USD | 4 |
need $4,000 by the 15th of April | custom | 4000 | USD | 4 |
$4,000 by 15 April | custom | 4000 | USD | 4 |
a $2 million nest egg at 67 | custom | 2000000 | USD | | born
I am 42. I want $500k by 55 | custom | 500000 | USD | | born
retirement at sixty-two with a million | retirement | 1000000 | USD | | born
retire in my fifties with 2m | retirement | 2000000 | USD | | when
college for 2 kids starting 2036, 100k each | education | | USD | | amount when_year
pay off 3 credit cards totaling $11,400 in 2 years | debt_payoff | 11400 | USD | 24 |
pay off my Amex ($2,310.88) by Valentine's Day | debt_payoff | 2310.88 | USD | | when
pay off $350,000 mortgage in 15 years instead of 30 | debt_payoff | 350000 | USD | 180 |
reserve of $7,500 within 270 days | emergency_fund | 7500 | USD | 9 |
$60k in 60 months | custom | 60000 | USD | 60 |
60 months to 60k | custom | 60000 | USD | 60 |
I want 1 million. In 20 years! | custom | 1000000 | USD | 240 |
$1.2 million/20 years | custom | 1200000 | USD | 240 |
Kitchen ($22,000), bathroom ($9,000) by 2028 | major_purchase | | USD | 13 | two_amounts
get $30k for a car by saving $800 a month | major_purchase | 30000 | USD | | when
save 3 months of rent ($4,500) in 6 months | custom | 4500 | USD | 6 |
give 10% to charity, save 12k in 12 months | custom | 12000 | USD | 12 |
fifty-fifty with my wife: 80k deposit in 4 years | major_purchase | 80000 | USD | 48 |
half of 80k in 2 years | custom | | USD | 24 | amount
quarter million by 2040 | custom | 250000 | USD | 157 |
a hundred grand by the time my kid turns 18 | custom | 100000 | USD | | whose_age
$10K goal | custom | 10000 | USD | | when
raise 2,000 pounds for charity by 1 March | custom | 2000 | GBP | 3 |
ten K in ten months | custom | 10000 | USD | 10 |
"""
